"""The metrics exporter of OpenCensus: a sum, and the standard metrics of the process."""

import os
import time

from opencensus.ext.azure import metrics_exporter
from opencensus.stats import aggregation, measure, stats, view
from opencensus.tags import tag_map

sold = measure.MeasureInt("sold", "chairs sold", "chairs")
manager, recorder = stats.stats.view_manager, stats.stats.stats_recorder
manager.register_view(view.View("sold_chairs", "chairs sold", [], sold, aggregation.SumAggregation()))
exporter = metrics_exporter.new_metrics_exporter(
    connection_string=os.environ["CONNECTION_STRING"],
    enable_local_storage=False,
    enable_standard_metrics=True,
    export_interval=1.0,
)
manager.register_exporter(exporter)
measurement = recorder.new_measurement_map()
measurement.measure_int_put(sold, 12)
measurement.record(tag_map.TagMap())
time.sleep(2.5)  # two exports
exporter.shutdown()
