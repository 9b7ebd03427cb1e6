"""Treated regions in the patient's words."""

from collections.abc import Iterable, Sequence

from handlers.language import N_, _

_AREAS = {
    "thorax": N_("the neck, shoulder, upper back or chest"),
    "spine": N_("the muscles beside the spine"),
    "limb": N_("an arm or leg"),
    "other": N_("the head, face, belly or hip"),
}


def areas_words(sessions: Sequence[Iterable[str]]) -> str:
    """The regions of several sessions; one whose regions are unknown: "the treated area"."""
    if not all(sessions):
        return area_words(())
    return area_words({region for regions in sessions for region in regions})


def area_words(regions: Iterable[str]) -> str:
    """The regions as they stand in "You had needles in …"; none known: "the treated area"."""
    words = [_(_AREAS[region]) for region in _AREAS if region in set(regions)]
    if not words:
        return _("the treated area")
    if len(words) == 1:
        return words[0]
    return _("{areas}; and {last}").format(areas="; ".join(words[:-1]), last=words[-1])
