"""A trainer program: gradient boosting of scikit-learn, as one ONNX file.

Started by training in a folder with job.json and two Parquet files; leaves model.onnx and metrics.json.
Standard output carries JSON lines: how far it is, and what it measures on the way.
"""

import json
import sys

EXIT_REFUSED = 10


def say(**line):
    print(json.dumps(line), flush=True)


def refuse(reason):
    with open("refusal.json", "w") as file:
        json.dump({"reasons": [reason]}, file)
    sys.exit(EXIT_REFUSED)


def read(path, job):
    """Rows of a Parquet file: text with "" for missing, numbers with NaN, and the labels."""
    import numpy as np
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    columns = []
    for feature in job["features"]:
        values = table[feature["name"]].to_pylist()
        if feature["kind"] == "numeric":
            columns.append(np.array([np.nan if value is None else value for value in values], dtype=np.float32))
        else:
            columns.append(np.array(["" if value is None else value for value in values], dtype=object))
    return columns, np.array(table[job["labelColumn"]].to_pylist(), dtype=np.int64)


def build(job):
    """Preprocessing and classifier as one pipeline, so that the ONNX graph takes raw features."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    names = {kind: [f["name"] for f in job["features"] if f["kind"] == kind] for kind in ("numeric", "categorical")}
    params = job["params"]
    encode = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), names["numeric"]),
            ("categories", OneHotEncoder(handle_unknown="ignore", min_frequency=5, sparse_output=False), names["categorical"]),
        ]
    )
    boost = GradientBoostingClassifier(
        n_estimators=int(params.get("trees", 100)),
        learning_rate=float(params.get("learningRate", 0.1)),
        max_leaf_nodes=int(params.get("leaves", 15)),
        random_state=job["seed"],
    )
    return Pipeline([("encode", encode), ("boost", boost)])


def to_onnx(model, job):
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    types = {"numeric": FloatTensorType([None, 1]), "categorical": StringTensorType([None, 1])}
    inputs = [(feature["name"], types[feature["kind"]]) for feature in job["features"]]
    # a name of its own: the one it would make up differs from time to time, and with it the bytes
    proto = convert_sklearn(
        model, name=job["modelName"], initial_types=inputs, options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3}
    )
    # the names that training and serving know
    for node in proto.graph.node:
        for position, name in enumerate(node.output):
            if name == "output_label":
                node.output[position] = "label"
    for output in proto.graph.output:
        if output.name == "output_label":
            output.name = "label"
    return proto.SerializeToString()


def main():
    with open("job.json") as file:
        job = json.load(file)
    say(type="progress", step="read", percent=5)
    import pandas
    from sklearn.metrics import log_loss, roc_auc_score

    (train, labels), (validation, truth) = (read(job["files"][part], job) for part in ("train", "validation"))
    if len(set(labels)) < 2 or len(set(truth)) < 2:
        refuse("the training part holds only one class")
    names = [feature["name"] for feature in job["features"]]
    say(type="progress", step="fit", percent=20)
    model = build(job).fit(pandas.DataFrame(dict(zip(names, train))), labels)
    scores = model.predict_proba(pandas.DataFrame(dict(zip(names, validation))))[:, 1]
    metrics = {"validationAuc": roc_auc_score(truth, scores), "validationLogLoss": log_loss(truth, scores)}
    for name, value in metrics.items():
        say(type="metric", name=name, value=value)
    say(type="progress", step="export", percent=80)
    with open("model.onnx", "wb") as file:
        file.write(to_onnx(model, job))
    with open("metrics.json", "w") as file:
        json.dump(metrics, file)


if __name__ == "__main__":
    main()
