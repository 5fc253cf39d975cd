#!/usr/bin/env python3
"""Reads the JSON and YAML that describe the service to hosts and pipelines: that it can be read, and that what it names is there."""

import json
import os
import re
import sys
from pathlib import Path

try:
    import yaml
except ImportError:
    yaml = None

BINDINGS = ("httpTrigger", "http", "timerTrigger", "queueTrigger", "queue")
# Paths of programs in this repository, as steps and hooks name them.
PROGRAM = re.compile(r"(?<![\w./-])((?:scripts|\.ci)/[\w./-]+)")


class Documents:
    def __init__(self, root):
        self.root, self.read, self.wrong = root, 0, 0

    def tell(self, path, message):
        print(f"{path.relative_to(self.root)}: {message}")
        self.wrong += 1

    def need(self, is_so, path, message):
        if not is_so:
            self.tell(path, message)

    def json(self, name):
        path = self.root / name
        try:
            document = json.loads(path.read_text(), object_pairs_hook=once)
        except (OSError, ValueError) as error:
            self.tell(path, error)
            return {}
        self.read += 1
        return document

    def yaml(self, path):
        if yaml is None:
            return None
        try:
            document = yaml.load(path.read_text(), Loader=OnceLoader)
        except (OSError, yaml.YAMLError) as error:
            self.tell(path, str(error).replace("\n", " "))
            return None
        self.read += 1
        for program in set(PROGRAM.findall(path.read_text())):
            self.need(os.access(self.root / program, os.X_OK), path, f"there is no program {program}")
        return document


def once(pairs):
    keys = [key for key, _ in pairs]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise ValueError(f"{', '.join(sorted(twice))} is there twice")
    return dict(pairs)


if yaml is not None:

    class OnceLoader(yaml.SafeLoader):
        """Refuses a key that is there twice, of which YAML would take the last."""

        def construct_mapping(self, node, deep=False):
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            if len({str(key) for key in keys}) < len(keys):
                raise yaml.YAMLError(f"a key is there twice{node.start_mark}")
            return super().construct_mapping(node, deep)


def functions(documents):
    """The host, its functions, and the settings of a person's machine."""
    root = documents.root
    host = documents.json("host.json")
    path = root / "host.json"
    documents.need(host.get("version") == "2.0", path, "version must be 2.0")
    handler = host.get("customHandler", {})
    documents.need(
        handler.get("enableProxyingHttpRequest") is True, path, "answers in parts need enableProxyingHttpRequest"
    )
    documents.need("defaultExecutablePath" in handler.get("description", {}), path, "no executable is named")
    for manifest in sorted(root.glob("functions/*/function.json")):
        bindings = documents.json(manifest.relative_to(root)).get("bindings", [])
        triggers = [one for one in bindings if one.get("type", "").endswith("Trigger")]
        documents.need(len(triggers) == 1, manifest, "a function has one trigger")
        for one in bindings:
            documents.need(one.get("type") in BINDINGS, manifest, f"the binding {one.get('type')!r} is not known")
    values = documents.json("local.settings.json.example").get("Values", {})
    path = root / "local.settings.json.example"
    documents.need(all(isinstance(one, str) for one in values.values()), path, "values are texts")
    documents.need(values.get("FUNCTIONS_WORKER_RUNTIME") == "custom", path, "the worker is custom")


def azd(documents):
    path = documents.root / "azure.yaml"
    document = documents.yaml(path) or {}
    for name, service in document.get("services", {}).items():
        documents.need(service.get("host") == "function", path, f"{name}: host is function")
        is_zip = service.get("language") == "custom" and str(service.get("dist")).endswith(".zip")
        documents.need(is_zip, path, f"{name}: the package is a ZIP that was made before, of the language custom")


def azure_pipeline(documents):
    """Stages wait for stages that are there, and are made of templates that are there."""
    path = documents.root / "azure-pipelines.yml"
    document = documents.yaml(path) or {}
    stages = document.get("stages", [])
    known = {one.get("stage") for one in stages} | {one.get("parameters", {}).get("stage") for one in stages}
    for one in stages:
        waits_for = one.get("dependsOn") or one.get("parameters", {}).get("dependsOn") or []
        for before in [waits_for] if isinstance(waits_for, str) else waits_for:
            documents.need(before in known, path, f"there is no stage {before!r}")
        if template := one.get("template"):
            documents.need((path.parent / template).is_file(), path, f"there is no template {template}")
    for template in sorted(documents.root.glob(".azdo/*.yml")):
        documents.yaml(template)


def workflows(documents):
    for path in sorted(documents.root.glob(".github/workflows/*.yml")):
        jobs = (documents.yaml(path) or {}).get("jobs", {})
        for name, job in jobs.items():
            needs = job.get("needs", [])
            for before in [needs] if isinstance(needs, str) else needs:
                documents.need(before in jobs, path, f"{name}: there is no job {before!r}")
            if str(job.get("uses", "")).startswith("./"):
                documents.need((documents.root / job["uses"]).is_file(), path, f"{name}: there is no {job['uses']}")
            is_known = "environment" not in job or "vars." not in str(job.get("runs-on", ""))
            documents.need(is_known, path, f"{name}: the runner is looked for before the environment's variables are there")
            for step in job.get("steps", []):
                # Without a shell that is named, a step of pipes fails by the last program only.
                is_piped = re.search(r"[^|]\|(?!\|)", str(step.get("run", "")))
                documents.need(not is_piped or step.get("shell") == "bash", path, f"{name}: a pipe without shell: bash")


def main(root):
    documents = Documents(Path(root).resolve())
    functions(documents)
    azd(documents)
    azure_pipeline(documents)
    workflows(documents)
    documents.yaml(documents.root / "compose.yaml")
    documents.json(".devcontainer/devcontainer.json")
    if yaml is None:
        print("note: python3 has no module yaml here, so documents of YAML were not read")
    print(f"documents: {documents.read} read, {documents.wrong} mistakes")
    return 1 if documents.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
