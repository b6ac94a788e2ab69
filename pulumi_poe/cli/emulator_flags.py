"""The options of the local Poe as flags of `pulumi-poe emulator`, made from their types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import annotated_types
import click
from pydantic.fields import FieldInfo

from ..emulator.options import Flag, Options


def flags() -> Iterator[click.Option]:
    """One for each option, in their order."""
    hints = get_type_hints(Options, include_extras=True)
    for field in fields(Options):
        type_, said = _plain(hints[field.name], [])
        (flag,) = (one for one in said if isinstance(one, Flag))
        yield _flag(field.name, type_, said, field.default, flag)


def _plain(type_: Any, said: list[Any]) -> tuple[Any, list[Any]]:
    """A type without None, and what is said of it beside."""
    if get_origin(type_) is Annotated:
        inner, *more = get_args(type_)
        return _plain(inner, [*said, *more])
    if get_origin(type_) in (Union, UnionType):
        (inner,) = (one for one in get_args(type_) if one is not NoneType)
        return _plain(inner, said)
    return type_, said


def _flag(name: str, type_: Any, said: list[Any], default: Any, flag: Flag) -> click.Option:
    option = f"--{name.replace('_', '-')}"
    if type_ is bool:
        return click.Option([option], is_flag=True, help=flag.help)
    if get_origin(type_) is tuple:
        return click.Option([option.removesuffix("s"), name], multiple=True, metavar=flag.metavar, help=flag.help)
    if get_origin(type_) is Literal:
        values = {str(value): value for value in get_args(type_)}
        return click.Option(
            [option],
            type=click.Choice(list(values)),
            default=None if default is None else str(default),
            callback=lambda _ctx, _param, chosen: values.get(chosen),
            help=flag.help,
        )
    return click.Option([option], type=_range(type_, said), default=default, metavar=flag.metavar, help=flag.help)


def _range(type_: type, said: list[Any]) -> click.IntRange | click.FloatRange:
    limits = [limit for one in said if isinstance(one, FieldInfo) for limit in one.metadata]
    at_least: Any = next((limit.ge for limit in limits if isinstance(limit, annotated_types.Ge)), None)
    above: Any = next((limit.gt for limit in limits if isinstance(limit, annotated_types.Gt)), None)
    of_type = click.IntRange if type_ is int else click.FloatRange
    return of_type(min=at_least if above is None else above, min_open=above is not None)
