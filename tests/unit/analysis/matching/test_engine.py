import numpy as np
import pytest


@pytest.mark.parametrize(
    "threshold", [None, 0.0, 0.3, 0.57, 0.99, 1.0, {"ant": 0.5, "bee": 0.0, "cat": 1.0, "dog": 0.2}]
)
def test_predictions_per_class_are_those_at_or_above_the_threshold(evaluation, threshold):
    engine = evaluation._data.engine
    query = evaluation.at(confidence_threshold=threshold)._query
    predictions = engine.predictions
    sure = query.is_sure(predictions.confidence, predictions.class_code)
    expected = np.bincount(predictions.class_code[sure], minlength=engine.n_classes)
    assert engine.predictions_per_class(query).tolist() == expected.tolist()
