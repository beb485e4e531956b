#!/usr/bin/env python3
"""Fails if source files of one crate import each other, directly or around a loop.

An import of a name counts as an import of the file that defines it: re-exports are followed. A `mod`
declaration and a re-export alone are no imports; what stands in `#[cfg(test)]` and in comments does not
count. Prints each loop with the names that tie it.

    python3 .ci/import_cycles.py [CRATE_FOLDER ...]     # default: every folder in crates/
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Comments, strings and characters: text that is no code. Raw strings first, lifetimes are kept.
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|\bb?r(#*)".*?"\1|"(?:\\.|[^"\\])*"|\'(?:\\.[^\']*|[^\\\'])\'', re.DOTALL
)
DEFINITION = re.compile(
    r"\b(?:struct|enum|union|trait|type|fn|const|static|macro_rules!|mod)\s+(?:mut\s+)?(?:r#)?(\w+)"
)
MODULE = re.compile(r"(#\[cfg\((?:test|all\(test[^\]]*)\)\]\s*)?(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;")
USE = re.compile(r"(pub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);")
PATH = re.compile(r"\b(\w+)((?:\s*::\s*\w+)+)")


def code_of(text):
    """The text without comments, strings and items that only tests have."""
    text = NO_CODE.sub(lambda found: " " if found[0].startswith("/") else '""', text)
    while found := re.search(r"#\[cfg\((?:test|all\(test\b)[^\]]*\)\]\s*(?:#\[[^\]]*\]\s*)*", text):
        text = text[: found.start()] + text[end_of_item(text, found.end()) :]
    return text


def end_of_item(text, start):
    """The end of the item that begins at `start`: its semicolon, or its closing brace."""
    depth = 0
    for position in range(start, len(text)):
        character = text[position]
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        elif character == ";" and depth == 0:
            return position + 1
    return len(text)


def leaves(tree, prefix=()):
    """The paths of a `use` tree, each as (segments, name in this file)."""
    tree = tree.strip()
    if not tree:
        return
    head, brace, rest = tree.partition("{")
    if brace:
        prefix += tuple(part for part in re.split(r"\s*::\s*", head.strip()) if part)
        depth, part = 0, ""
        for character in rest[: rest.rindex("}")]:
            depth += (character == "{") - (character == "}")
            if character == "," and depth == 0:
                yield from leaves(part, prefix)
                part = ""
            else:
                part += character
        yield from leaves(part, prefix)
        return
    path, _, alias = tree.partition(" as ")
    segments = prefix + tuple(part for part in re.split(r"\s*::\s*", path.strip()) if part)
    if segments[-1] == "self":
        segments = segments[:-1]
    yield segments, alias.strip() or segments[-1]


class File:
    """One source file, which is one module."""

    def __init__(self, path, module, text):
        self.path, self.module = path, module
        self.code = code_of(text)
        self.children = {name for test, name in MODULE.findall(self.code) if not test}
        self.uses, self.reexports, self.globs = {}, {}, []
        for public, tree in USE.findall(self.code):
            for segments, name in leaves(tree):
                if name == "*":
                    self.globs.append(segments[:-1])
                else:
                    (self.reexports if public else self.uses)[name] = segments
        self.body = USE.sub(" ", self.code)
        self.defined = set(DEFINITION.findall(self.body)) - self.children


class Crate:
    """The files of one crate, and which of them import which."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}
        self.load(folder / "src" / "lib.rs", ())

    def load(self, path, module):
        file = self.files[module] = File(path, module, path.read_text())
        folder = path.parent if path.name in ("lib.rs", "mod.rs") else path.with_suffix("")
        for child in file.children:
            for candidate in (folder / f"{child}.rs", folder / child / "mod.rs"):
                if candidate.exists():
                    self.load(candidate, (*module, child))

    def resolve(self, file, segments, seen=frozenset()):
        """The file that defines what a path in `file` names. `None`: another crate's, or a module itself."""
        first, rest = segments[0], segments[1:]
        if first == "crate":
            return self.descend(self.files[()], rest, seen)
        if first in ("super", "self"):
            module = file.module[:-1] if first == "super" else file.module
            if rest and rest[0] == "super":
                return self.resolve(self.files[module], rest, seen)
            return self.descend(self.files[module], rest, seen)
        if first in file.children or first in file.uses or first in file.reexports:
            return self.descend(file, segments, seen)
        return None

    def descend(self, file, segments, seen):
        if not segments:
            return None
        first, rest = segments[0], segments[1:]
        if (*file.module, first) in self.files:
            return self.descend(self.files[(*file.module, first)], rest, seen)
        if (file.module, first) in seen:
            return None
        seen = seen | {(file.module, first)}
        for names in (file.reexports, file.uses):
            if first in names:
                return self.resolve(file, (*names[first], *rest), seen)
        if first in file.defined:
            return file
        for glob in file.globs:
            if found := self.resolve(file, (*glob, *segments), seen):
                return found
        return file

    def imports(self):
        """file -> file -> the names that the first takes from the second."""
        arrows = defaultdict(lambda: defaultdict(set))
        for file in self.files.values():
            paths = list(file.uses.values()) + [(*glob, "*") for glob in file.globs if glob[0] in ("crate", "super")]
            words = set(re.findall(r"\w+", file.body))
            paths += [path for name, path in file.reexports.items() if name in words]
            for first, rest in PATH.findall(file.body):
                paths.append((first, *re.findall(r"\w+", rest)))
            for path in paths:
                target = self.resolve(file, path)
                if target is not None and target is not file:
                    # The type rather than its method or variant.
                    arrows[file][target].add(next((part for part in path if part[0].isupper()), path[-1]))
        return arrows


def loops(arrows):
    """The strongly connected parts of more than one file (Tarjan, without recursion)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    for root in list(arrows):
        if root in index:
            continue
        work = [(root, iter(list(arrows[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(list(arrows.get(target, ())))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = set()
                    while node not in part:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.add(member)
                    if len(part) > 1:
                        found.append(part)
    return found


def main(folders):
    count = files = 0
    for folder in folders:
        crate = Crate(folder)
        files += len(crate.files)
        arrows = crate.imports()
        for loop in loops(arrows):
            count += 1
            print(f"loop of {len(loop)} files in {folder.name}:")
            for file in sorted(loop, key=lambda file: file.module):
                for target, names in arrows[file].items():
                    if target in loop:
                        source, to = (part.path.relative_to(folder / "src") for part in (file, target))
                        print(f"  {source} -> {to}: {', '.join(sorted(names))}")
    print(f"import loops: {count} in {files} files")
    return 1 if count else 0


if __name__ == "__main__":
    chosen = [Path(argument).resolve() for argument in sys.argv[1:]]
    sys.exit(main(chosen or sorted(folder.parent for folder in ROOT.glob("crates/*/Cargo.toml"))))
