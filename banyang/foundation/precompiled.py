"""Our templates, compiled once for each language with what never changes written out.

Words, links to pages without arguments and addresses of files are the same on every request, and
looking them up takes a sixth of the partner list (docs/decisions/0014-template-rendering.md). The
loader does so when it compiles a template, of which it keeps one for each language; what depends on
the request is left as it is.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, LoadNode, URLNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language


class Precompiling(base.Loader):
    """Precompiles a template after Django has compiled it, before it goes into the cache."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        context = Context()
        with context.bind_template(template):
            precompile(template.nodelist, context)
        return template


class Loader(cached.Loader, Precompiling):
    """Keeps precompiled templates, for each language its own."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def precompile(nodes: NodeList, context: Context) -> None:
    """Write out what is constant among `nodes` and in them, and join texts that meet."""
    written: list[Any] = []
    for node in nodes:
        for inner in _lists_in(node):
            precompile(inner, context)
        written.append(TextNode(node.render(context)) if _is_constant(node) else node)
    nodes.clear()
    for is_text, run in groupby(written, lambda node: isinstance(node, TextNode)):
        met = list(run)
        nodes += [TextNode("".join(text.s for text in met))] if is_text else met


def _lists_in(node: Node) -> Iterator[NodeList]:
    if isinstance(node, LanguageNode):
        return  # not in this template's language
    for value in vars(node).values():
        if isinstance(value, NodeList):
            yield value
    for _condition, nodes in getattr(node, "conditions_nodelists", ()):
        yield nodes


def _is_constant(node: Any) -> bool:
    match node:
        case CommentNode() | LoadNode():
            return True
        case StaticNode(varname=None):
            return _is_literal(node.path)
        case URLNode(asvar=None, args=[], kwargs={}):
            # A name within a namespace depends on where the reader is.
            return _is_literal(node.view_name) and ":" not in node.view_name.token
        case TranslateNode(asvar=None):
            return _is_literal(node.filter_expression) and _is_literal(node.message_context)
        case BlockTranslateNode(asvar=None, plural=[]):
            is_plain = all(token.token_type == TokenType.TEXT for token in node.singular)
            return is_plain and _is_literal(node.message_context)
    return False


def _is_literal(expression: FilterExpression | None) -> bool:
    if expression is None:
        return True
    is_name = isinstance(expression.var, Variable) and expression.var.lookups is not None
    return not is_name and not expression.filters
