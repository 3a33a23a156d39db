"""The JSON Schema of the cluster file, for editors; ``config/cluster.schema.json`` is written by it."""

from __future__ import annotations

import json

from tui.model.clusterfile import ClusterFile


def schema_text() -> str:
    """The schema as it stands in ``config/``."""
    schema = ClusterFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Rollcall cluster file"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")  # noqa: T201
