"""The emulated board's files: an archive that the kernel unpacks into memory as its root.

The format is cpio's "newc", which the kernel's Documentation/driver-api/early-userspace/buffer-format.rst describes.
"""

import re
from pathlib import Path


class Archive:
    """A cpio archive in memory. Folders are added where a file needs them."""

    def __init__(self):
        self._parts = []
        self._length = 0
        self._names = set()

    def _append(self, data):
        padding = -len(data) % 4
        self._parts += [data, bytes(padding)]
        self._length += len(data) + padding

    def _add(self, name, mode, data):
        if name in self._names:
            raise ValueError(f"{name} stands in the archive already")
        self._names.add(name)
        encoded = name.encode() + b"\0"
        # inode, mode, owner, group, links, time, size, device (2), device of a node (2), length of the name, check
        fields = [len(self._names), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0]
        self._append(b"070701" + b"".join(b"%08x" % field for field in fields) + encoded)
        self._append(data)

    def folder(self, name):
        """Adds a folder and those above it."""
        for parent in [*reversed(Path(name).parents), Path(name)]:
            if str(parent) not in self._names | {"."}:
                self._add(str(parent), 0o040755, b"")

    def data(self, name, data, mode=0o644):
        """Adds a file with these bytes, under a name without a leading slash."""
        self.folder(Path(name).parent)
        self._add(name, 0o100000 | mode, data)

    def file(self, name, source):
        """Adds a file of this machine with its rights."""
        source = Path(source)
        self.data(name, source.read_bytes(), source.stat().st_mode & 0o777)

    def tree(self, name, source):
        """Adds all files of a folder."""
        for path in sorted(Path(source).rglob("*")):
            if path.is_file():
                self.file(f"{name}/{path.relative_to(source)}", path)

    def write(self, path):
        self._add("TRAILER!!!", 0, b"")
        Path(path).write_bytes(b"".join(self._parts))


class Modules:
    """The kernel's modules, of which each names those that it needs."""

    def __init__(self, folder):
        self._files = {path.stem.replace("-", "_"): path for path in Path(folder).rglob("*.ko")}
        lines = (Path(folder) / "modules.builtin").read_text().split()
        self._builtin = {Path(line).stem.replace("-", "_") for line in lines}

    def load_order(self, name):
        """The files to load for a module, it last."""
        order = []

        def visit(module):
            module = module.replace("-", "_")
            if module in self._builtin:
                return
            path = self._files.get(module)
            if path is None:
                raise LookupError(f"the kernel has no module {module}")
            if path in order:
                return
            # Text of the .modinfo section: names with commas, between zero bytes.
            found = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
            for needed in found.group(1).decode().split(",") if found else []:
                if needed:
                    visit(needed)
            order.append(path)

        visit(name)
        return order


def add_modules(archive, folder, names):
    """Adds modules with what they need as modules/*.ko, and their load orders as modules/NAME."""
    modules = Modules(folder)
    added = set()
    for name in names:
        order = modules.load_order(name)
        for path in order:
            if path not in added:
                archive.file(f"modules/{path.name}", path)
                added.add(path)
        archive.data(f"modules/{name}", "".join(f"/modules/{path.name}\n" for path in order).encode())
