"""Which renderer writes which kind of message."""

from handlers.admins import drill
from handlers.clinicians import letters
from handlers.clinicians import messages as clinicians
from handlers.delivery import Renderer
from handlers.patients import messages as patients
from handlers.patients import rights

RENDERERS: dict[str, Renderer] = {
    **patients.RENDERERS,
    **clinicians.RENDERERS,
    **rights.RENDERERS,
    **drill.RENDERERS,
    "clinic_message": patients.to_patient(letters.clinic_message),
}
