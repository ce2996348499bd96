"""Make generator/celery_kustomize/k8s/pod_schema.json from a release of Kubernetes.

Needs the go command: the OpenAPI document and the generated Go source with the enums are files of
the Go module k8s.io/kubernetes. Run it from anywhere; README.md beside this file tells more.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

KUBERNETES = "v1.34.4"
OUTPUT = Path(__file__).resolve().parents[2] / "generator/celery_kustomize/k8s/pod_schema.json"

ROOTS = (
    "io.k8s.api.apps.v1.DeploymentStrategy",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
    "io.k8s.api.core.v1.PersistentVolumeClaimSpec",
    "io.k8s.api.core.v1.PodTemplateSpec",
    "io.k8s.api.networking.v1.NetworkPolicyPeer",
)

SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "string",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
}

# Kubernetes declares no one-of groups in its OpenAPI: these are what its validation enforces
# (pkg/apis/core/validation/validation.go). "*": every field that is a type of its own.
# True: one member must be given.
ONE_OF: dict[str, list[tuple[tuple[str, ...], bool]]] = {
    "EnvFromSource": [(("configMapRef", "secretRef"), True)],
    "EnvVar": [(("value", "valueFrom"), False)],
    "EnvVarSource": [(("*",), True)],
    "LifecycleHandler": [(("*",), True)],
    "PodResourceClaim": [(("resourceClaimName", "resourceClaimTemplateName"), True)],
    "Probe": [(("*",), True)],
    "Volume": [(("*",), False)],
    "VolumeProjection": [(("*",), True)],
}

# A member that belongs to one value of the discriminator; Kubernetes declares the profiles' in
# x-kubernetes-unions, the strategy's only in prose (its patch strategy is retainKeys).
DISCRIMINATED = {"DeploymentStrategy": ("type", {"rollingUpdate": "RollingUpdate"})}

# sigs.k8s.io/gateway-api v1.3.0, apis/v1/shared_types.go: not part of Kubernetes' own document.
PARENT_REFERENCE = {
    "description": "The Gateway (or other parent) that a route attaches to.",
    "required": ["name"],
    "fields": {
        "group": {"type": "string", "description": "Default: gateway.networking.k8s.io."},
        "kind": {"type": "string", "description": "Default: Gateway."},
        "name": {"type": "string", "description": "The name of the Gateway."},
        "namespace": {"type": "string", "description": "Default: the route's own namespace."},
        "port": {"type": "int32", "description": "Only the listeners on this port."},
        "sectionName": {"type": "string", "description": "Only the listener of this name."},
    },
}

Definition = dict[str, Any]
Extras = dict[tuple[str, str], dict[str, Any]]


def module_dir(version: str) -> Path:
    """The folder of the Go module k8s.io/kubernetes, downloaded when it is not there yet."""
    go = shutil.which("go")
    if go is None:
        sys.exit("make.py: the go command is needed, to fetch the module k8s.io/kubernetes")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [go, "mod", "download", "-json", f"k8s.io/kubernetes@{version}"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
    return Path(json.loads(done.stdout)["Dir"])


def read_extras(source: str) -> Extras:
    """Enums and defaults by (Go name of the type, field) from zz_generated.openapi.go.

    The swagger document leaves both out; an API server publishes them from this source.
    """
    extras: Extras = {}
    type_name = field_name = ""
    for line in source.splitlines():
        if found := re.match(r"func schema_(\w+)\(", line):
            type_name = found[1]
        elif found := re.match(r'\t{5}"(\w+)": \{$', line):
            field_name = found[1]
        elif found := re.match(r"\t{6,}Enum: +\[\]interface\{\}\{(.*)\},$", line):
            enum = re.findall(r'"([^"]*)"', found[1])
            extras.setdefault((type_name, field_name), {})["enum"] = enum
        elif found := re.match(r'\t{7}Default: +"(\w+)",$', line):
            extras.setdefault((type_name, field_name), {})["default"] = found[1]
    return extras


def first_sentence(description: str) -> str:
    """The first sentence, as one line of at most 200 characters."""
    line = description.strip().split("\n")[0]
    sentence = re.split(r"(?<!e\.g)(?<!i\.e)(?<=[.])\s", line)[0]
    if len(sentence) > 200:
        sentence = sentence[:197].rsplit(" ", 1)[0] + " ..."
    return sentence


def type_of(schema: Definition) -> str:
    """The compact type: ``string``, ``int32``, ``Container``, ``[]Container``, ``{}quantity``."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return SCALARS.get(name) or short(name)
    if schema["type"] == "array":
        return "[]" + type_of(schema["items"])
    if schema["type"] == "object":
        return "{}" + type_of(schema["additionalProperties"])
    if schema["type"] == "integer":
        return str(schema["format"])
    return str(schema["type"])


def short(name: str) -> str:
    """``io.k8s.api.core.v1.PodSpec`` -> ``PodSpec``."""
    return name.rsplit(".", 1)[-1]


def go_name(name: str) -> str:
    """``io.k8s.api.core.v1.PodSpec`` -> ``k8sio_api_core_v1_PodSpec``."""
    return name.replace("io.k8s.", "k8sio.", 1).replace(".", "_")


def compact_field(schema: Definition, extra: dict[str, Any]) -> Definition:
    """One field: its type, and enum, merge keys, set semantics, description where it has them."""
    field: Definition = {"type": type_of(schema)}
    if "enum" in extra:
        field["enum"] = extra["enum"]
    if "x-kubernetes-list-map-keys" in schema:
        field["keys"] = schema["x-kubernetes-list-map-keys"]
    elif schema.get("x-kubernetes-patch-strategy") == "merge":
        field["set"] = True
    if description := first_sentence(schema.get("description", "")):
        field["description"] = description
    return field


def compact_type(name: str, definition: Definition, extras: Extras) -> Definition:
    """One type: description, required fields, one-of groups, discriminated members, fields."""
    properties = definition["properties"]
    result: Definition = {"description": first_sentence(definition.get("description", ""))}
    if definition.get("required"):
        result["required"] = definition["required"]
    if groups := ONE_OF.get(short(name)):
        result["oneOf"] = [
            {"members": one_of_members(members, properties), "required": required}
            for members, required in groups
        ]
    for union in definition.get("x-kubernetes-unions", []):
        fields = union["fields-to-discriminateBy"]
        values = {key: properties_value(value) for key, value in fields.items()}
        result["discriminated"] = {"by": union["discriminator"], "members": values}
    if short(name) in DISCRIMINATED:
        by, values = DISCRIMINATED[short(name)]
        result["discriminated"] = {"by": by, "members": values}
    result["fields"] = {
        field: compact_field(schema, extras.get((go_name(name), field), {}))
        for field, schema in sorted(properties.items())
    }
    return result


def properties_value(value: str) -> str:
    """The discriminator's value: the document writes LocalhostProfile for ``type: Localhost``."""
    return value.removesuffix("Profile")


def one_of_members(members: tuple[str, ...], properties: Definition) -> list[str]:
    """The members of a group, in alphabetical order."""
    if members == ("*",):
        return sorted(field for field, schema in properties.items() if "$ref" in schema)
    return sorted(members)


def closure(definitions: Definition, roots: tuple[str, ...]) -> list[str]:
    """The names of the object types that are reached from ``roots``, sorted."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in seen or name in SCALARS:
            continue
        seen.add(name)
        waiting += re.findall(r'"#/definitions/([^"]+)"', json.dumps(definitions[name]))
    return sorted(seen)


def add_key_defaults(types: Definition, names: dict[str, str], extras: Extras) -> None:
    """Note the default of a field that is part of a merge key: ``protocol`` of a port."""
    for definition in list(types.values()):
        for field in definition["fields"].values():
            for key in field.get("keys", []):
                item = field["type"].removeprefix("[]")
                default = extras.get((go_name(names[item]), key), {}).get("default")
                if default:
                    types[item]["fields"][key]["default"] = default


def make(module: Path) -> str:
    """The text of pod_schema.json."""
    swagger = json.loads((module / "api/openapi-spec/swagger.json").read_text("utf-8"))
    generated = module / "pkg/generated/openapi/zz_generated.openapi.go"
    extras = read_extras(generated.read_text("utf-8"))
    full_names = closure(swagger["definitions"], ROOTS)
    names = {short(name): name for name in full_names}
    if len(names) != len(full_names):
        sys.exit("make.py: two types have one short name")
    types = {
        short(name): compact_type(name, swagger["definitions"][name], extras) for name in full_names
    }
    types["ParentReference"] = PARENT_REFERENCE
    add_key_defaults(types, names, extras)
    source = (
        f"Kubernetes {KUBERNETES}, api/openapi-spec/swagger.json and pkg/generated/openapi; "
        "ParentReference: Gateway API v1.3.0. Apache License 2.0. Made by tools/pod-schema/make.py."
    )
    return write(source, KUBERNETES, types)


def write(source: str, version: str, types: Definition) -> str:
    """JSON with one field a line, so that a new release shows as a readable difference."""
    lines = ["{", f'"source": {json.dumps(source)},', f'"version": {json.dumps(version)},']
    lines.append('"types": {')
    blocks = []
    for name, definition in sorted(types.items()):
        head = {key: value for key, value in definition.items() if key != "fields"}
        fields = ",\n".join(
            f"  {json.dumps(field)}: {json.dumps(schema)}"
            for field, schema in definition["fields"].items()
        )
        opening = json.dumps(head)[:-1]
        blocks.append(f'{json.dumps(name)}: {opening}, "fields": {{\n{fields}\n}}}}')
    return "\n".join(lines) + "\n" + ",\n".join(blocks) + "\n}\n}\n"


def main() -> None:
    """Write the file, or with --check only compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 when the file is not current")
    arguments = parser.parse_args()
    text = make(module_dir(KUBERNETES))
    json.loads(text)
    if not arguments.check:
        OUTPUT.write_text(text, "utf-8")
    elif OUTPUT.read_text("utf-8") != text:
        sys.exit(f"make.py: {OUTPUT} is not current: run make.py without --check")


if __name__ == "__main__":
    main()
