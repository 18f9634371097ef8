"""Terraform's templates, as far as generated files use them: names, texts, objects and calls of functions."""

import re

TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def text(given, scope):
    """A text with every `${…}` replaced. One that is nothing else keeps the type of its value."""
    parts = list(pieces(given, scope))
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        if not isinstance(part, str):
            raise ValueError(f"{part!r} is in the middle of the text {given!r}")
    return "".join(parts)


def pieces(given, scope):
    at, plain = 0, ""
    while at < len(given):
        # `$${` and `%%{` are Terraform's way to write `${` and `%{`.
        if given.startswith(("$${", "%%{"), at):
            plain, at = plain + given[at + 1 : at + 3], at + 3
        elif given.startswith("${", at):
            if plain:
                yield plain
                plain = ""
            parser = Parser(given, at + 2, scope)
            yield parser.expression()
            parser.expect("}")
            at = parser.at
        elif given.startswith("%{", at):
            raise ValueError(f"the directive in {given[at:at + 40]!r} is not understood")
        else:
            plain, at = plain + given[at], at + 1
    if plain or not given:
        yield plain


class Parser:
    """Reads one expression and gives its value."""

    def __init__(self, given, at, scope):
        self.given, self.at, self.scope = given, at, scope

    def expression(self):
        self.blank()
        letter = self.given[self.at : self.at + 1]
        if letter == '"':
            return self.quoted()
        if letter == "{":
            return self.object()
        word = self.word()
        if self.taken("("):
            return self.scope.call(word, self.arguments())
        parts = [word]
        while self.taken("."):
            parts.append(self.word())
        return self.scope.name(parts)

    def arguments(self):
        found = []
        while not self.taken(")"):
            if found:
                self.expect(",")
            found.append(self.expression())
        return found

    def object(self):
        self.expect("{")
        found = {}
        while not self.taken("}"):
            if found:
                self.expect(",")
            name = self.word()
            self.expect("=")
            found[name] = self.expression()
        return found

    def quoted(self):
        """A text in quotes, with templates in it."""
        self.expect('"')
        begin, depth = self.at, 0
        while self.at < len(self.given):
            letter = self.given[self.at]
            if letter == "\\":
                raise ValueError(f"an escape in {self.given!r} is not understood")
            depth += self.given.startswith("${", self.at) - (depth > 0 and letter == "}")
            self.at += 1
            if letter == '"' and depth == 0:
                return text(self.given[begin : self.at - 1], self.scope)
        raise ValueError(f"a quote in {self.given!r} does not end")

    def word(self):
        self.blank()
        found = TOKEN.match(self.given, self.at)
        if found is None:
            raise ValueError(f"the expression {self.given[self.at:self.at + 40]!r} is not understood")
        self.at = found.end()
        return found.group()

    def blank(self):
        while self.given[self.at : self.at + 1].isspace():
            self.at += 1

    def taken(self, sign):
        self.blank()
        if self.given.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def expect(self, sign):
        if not self.taken(sign):
            raise ValueError(f"{sign!r} is missing before {self.given[self.at:self.at + 40]!r}")
