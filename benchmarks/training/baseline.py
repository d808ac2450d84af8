"""scikit-learn on the same rows: reads meta.json and binary columns from a folder, prints one line of JSON."""

import json
import resource
import sys
import time

folder, trainer = sys.argv[1], sys.argv[2]
with open(f"{folder}/meta.json") as file:
    meta = json.load(file)

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def part(name):
    rows = meta[name]
    columns = np.fromfile(f"{folder}/{name}.f32", dtype=np.float32).reshape(len(meta["columns"]), rows).T
    return np.asfortranarray(columns), np.fromfile(f"{folder}/{name}.u8", dtype=np.uint8)


texts = [at for at, column in enumerate(meta["columns"]) if column["kind"] == "categorical"]
numbers = [at for at in range(len(meta["columns"])) if at not in texts]

if trainer == "gradient-boosting":
    from sklearn.ensemble import HistGradientBoostingClassifier

    # a code is a category; what the training rows do not have counts as missing
    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20, l2_regularization=0, early_stopping=False, categorical_features=texts
    )
else:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    encode = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5), texts),
        ]
    )
    model = make_pipeline(encode, LogisticRegression(C=1.0, max_iter=1000, tol=1e-6))

# what was imported is no memory of the fit
before = peak()
(X, y), (held, truth) = part("train"), part("test")
best = None
for _ in range(int(meta["repeats"])):
    started = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - started
    best = seconds if best is None else min(best, seconds)

grown = peak() - before
on_all = roc_auc_score(truth, model.predict_proba(held)[:, 1])
areas = []
if meta["drops"]:
    # a few thousand rows leave a ranking to chance: the mean over fits that each lack another share of them
    for drop in range(meta["drops"]):
        kept = np.arange(len(y)) % meta["drops"] != drop
        areas.append(roc_auc_score(truth, model.fit(X[kept], y[kept]).predict_proba(held)[:, 1]))
    auc = float(np.mean(areas))
else:
    auc = on_all
print(json.dumps({"seconds": best, "auc": auc, "aucOnAll": on_all, "areas": areas, "peakBytes": peak(), "grownBytes": grown, "version": f"scikit-learn {sklearn.__version__}"}))
