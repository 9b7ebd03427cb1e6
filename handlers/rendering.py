"""Which renderer writes which kind of message."""

from handlers.clinicians import messages as clinicians
from handlers.delivery import Renderer
from handlers.patients import messages as patients

RENDERERS: dict[str, Renderer] = {**patients.RENDERERS, **clinicians.RENDERERS}
