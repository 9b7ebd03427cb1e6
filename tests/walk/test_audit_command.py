"""/audit: an admin reads who did what, checks the chain, and takes it home as a file."""

from sqlalchemy import text

from care.audit import verify_lines
from tests.walk.world import Stage, check_in_for, taps


async def test_an_admin_reads_checks_and_takes_the_audit(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"), ("Very ill", None))
    await either.clinician.sees("Possible sepsis")
    await either.clinician.taps("I'm on it")
    await either.clinician.sees("Taken by Dana")
    await either.admin.sends("/audit")
    page = await either.admin.sees("Audit")
    assert "Dana: alert_acknowledged alert:1" in page.text
    assert "Ben" not in page.text
    await either.admin.taps("Older")
    older = await either.admin.sees("clinic_founded")
    assert older.text != page.text
    answer = await either.admin.taps("Check the chain")
    assert "The chain is whole" in answer.text
    await either.admin.taps("Send as file")
    message = await either.admin.sees("symptom-diary audit verify FILE checks it")
    lines = (await either.world.download(message)).decode().splitlines()
    found = verify_lines(lines)
    assert found.broken_at is None
    assert found.entries == len(lines) > 10


async def test_the_audit_of_one_patient_names_nobody_else(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    async with clinic.house.work.reading() as session:
        rows = (await session.exec(text("SELECT code FROM patient ORDER BY id"))).all()
    codes = [code for (code,) in rows]
    await clinic.admin.sends(f"/audit {codes[0].lower()}")
    page = await clinic.admin.sees(f"Audit of {codes[0]}")
    assert f"{codes[0]}: joined" in page.text
    assert all(code not in page.text for code in codes[1:])
    await clinic.admin.sends("/audit P-NONE")
    await clinic.admin.sees("There is no patient with this code")


async def test_a_changed_line_is_said_in_one_sentence(clinic: Stage) -> None:
    async with clinic.house.work.writing() as tx:
        connection = await tx.session.connection()
        await connection.execute(text("UPDATE audit SET actor = 'person:9' WHERE seq = 3"))
    await clinic.admin.sends("/audit")
    await clinic.admin.sees("Audit")
    answer = await clinic.admin.taps("Check the chain")
    assert "breaks at entry 3" in answer.text
    await clinic.clinician.sends("/audit")
    await clinic.clinician.sees("This is not for you")
