"""The messages, one file each: a module here with a `TEMPLATE` is a template of that name."""

from importlib import import_module
from pkgutil import iter_modules

from services.notification.domain import Template

TEMPLATES: dict[str, Template] = {
    module.name: import_module(f"{__name__}.{module.name}").TEMPLATE
    for module in iter_modules(__path__)
}
