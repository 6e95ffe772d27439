"""
What is true of a Tencent tenant or not, as calls state it; `words` says it to people.

Queues are named by what the plan calls them (their new name, where one is renamed), agents by email in lower case.
"""

from __future__ import annotations

from reconciler.model.call import Fact


def queue(name: str) -> Fact:
    """State that a queue is there."""
    return ("queue", name)


def bears(name: str, queue: str) -> Fact:
    """State that *queue* bears *name* now; names are unique (`InvalidParameterValue.SkillGroupExist`)."""
    return ("bears", name, queue)


def parked(name: str) -> Fact:
    """State that what is to be called *name* has let go of what it had, which another one waits for."""
    return ("parked", name)


def agent(email: str) -> Fact:
    """State that a person is there."""
    return ("agent", email)


def phone(email: str, number: str) -> Fact:
    """State that a person has a phone number; they are unique (`InvalidParameterValue.PhoneNumIsBoundOtherAccount`)."""
    return ("phone", email, number)


def serves(email: str, name: str) -> Fact:
    """State that a person answers for a queue."""
    return ("serves", email, name)


def extension(number: str) -> Fact:
    """State that a telephone is there."""
    return ("extension", number)


def rings(number: str, name: str) -> Fact:
    """State that a telephone answers for a queue."""
    return ("rings", number, name)


def freed(number: str, email: str) -> Fact:
    """State that a telephone is no longer a person's."""
    return ("freed", number, email)


def shows(number: str, name: str) -> Fact:
    """State that a queue calls out with a number."""
    return ("shows", number, name)


def in_turn(name: str) -> Fact:
    """State that a queue rings its members in turn now, so that it takes more of them."""
    return ("in turn", name)
