"""A patient who reads Spanish, a clinician who reads English, and the other way round."""

import re

import storage.people
from bot.play import record_session, token_in
from sandbox.people import Person
from tests.languages.messages import extracted
from tests.walk.world import Stage, taps

SHORT = 12


def english_sentences() -> list[str]:
    """Pieces of the code's sentences that are long enough to be nothing but English."""
    found = []
    for message in extracted():
        for form in (message.id,) if isinstance(message.id, str) else message.id:
            found += [part for part in re.split(r"\{\w*\}|<[^>]*>|\n", form) if len(part) > SHORT]
    return found


async def joins_in_spanish(found: Stage, patient: Person) -> None:
    await found.clinician.sends("/session")
    await found.clinician.sees("Who was treated?")
    await found.clinician.taps("New patient")
    token = token_in((await found.clinician.sees("Let the patient scan this")).text)
    await patient.starts(token)
    await patient.sees("Before you agree")
    await patient.taps("español")
    await patient.sees("Antes de aceptar")
    await patient.taps("Estoy de acuerdo")
    await patient.sees("ya está dentro")
    await found.clinician.sees("has joined")


async def test_everything_after_the_choice_is_in_spanish_and_the_clinic_reads_english(
    either: Stage,
) -> None:
    ben = either.ben
    await joins_in_spanish(either, ben)
    since = len(ben.view().messages)
    await record_session(either, "Arm or leg")
    await either.world.forward(hours=2, minutes=1)
    await ben.sees("Una molestia leve")
    await either.world.forward(hours=22)
    await ben.sees("Control 1 de 5")
    await taps(
        ben,
        ("No, nada de esto", "Control 2 de 5"), ("6", "Control 3 de 5"),
        ("Moderada", "Control 4 de 5"), ("Ninguno: normal", "Control 5 de 5"),
        ("Piel roja", "Pulse todo"), ("Caliente", "Pulse todo"), ("Listo", "una llamada hoy"),
    )  # fmt: skip
    await ben.sends("me arde la piel")
    card = await either.clinician.sees("Local infection signs")
    assert "hot" in card.text
    passed_on = await either.clinician.sees("me arde la piel")
    assert "Note from" in passed_on.text
    await either.clinician.taps("I'm on it")
    await ben.sees("Su clínica vio esto")
    for command, answer in (
        ("/diary", "Cómo ha estado"), ("/privacy", "Sus respuestas"), ("/help", "Le pregunto"),
        ("/pause", "Sin preguntas"), ("/resume", "bienvenida"), ("/timezone", "Son ahora"),
        ("/nonsense", "No conozco"), ("gracias", "De nada"), ("parar", "No recibirá más"),
    ):  # fmt: skip
        await ben.sends(command)
        await ben.sees(answer)
    seen = [message for message in ben.view().messages[since:] if message.from_bot]
    english = english_sentences()
    for message in seen:
        assert [part for part in english if part in message.text] == [], message.text


async def test_a_clinician_changes_their_own_language_and_the_group_keeps_the_clinics(
    clinic: Stage,
) -> None:
    await clinic.clinician.sends("/language")
    await clinic.clinician.sees("Which language")
    await clinic.clinician.taps("español")
    await clinic.clinician.sees("Desde ahora hablo español")
    await clinic.clinician.sends("/alerts")
    await clinic.clinician.sees("No hay alertas abiertas")
    commands = await clinic.world.calls("setMyCommands")
    assert any("Alertas abiertas" in str(call) for call in commands)
    assert any("Avisar de un problema" in str(call) and "'es'" in str(call) for call in commands)
    await clinic.ben.sends("/start")
    await clinic.admin.sends("/settings")
    await clinic.admin.sees("Language of the clinic: English")
    await clinic.admin.taps("Language of the clinic")
    question = await clinic.admin.sees("reply to this message")
    await clinic.admin.sends("es", reply_to=question)
    await clinic.admin.sees("español")
    async with clinic.house.work.reading() as session:
        found = await storage.people.first_clinic(session)
    assert found is not None
    assert found.language == "es"
