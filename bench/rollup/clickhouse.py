# The same rollups by one SQL query in ClickHouse, in process, to the same kind of Parquet.
import resource
import sys

import chdb

directory, out, threads = sys.argv[1:]
metric = "Tuple(metricType Int32, valueDbl Float64, valueI64 Int64, valueI32 Int32)"
chdb.query(f"""
  INSERT INTO FUNCTION file('{out}/rollups.parquet', Parquet)
  WITH metrics AS (
    SELECT timestamp AS time, tenantId || '.rackspace.monitoring.entities.' || entityId || '.checks.' || checkType || '.' || checkId
        || if(position(checkType, 'remote') > 0, '.' || coalesce(monitoringZoneId, 'suspected-agent'), '') || '.' AS base,
      arrayJoin(metrics) AS entry
    FROM file('{directory}/*.json.gz', JSONEachRow, 'timestamp Int64, tenantId String, entityId String, checkId String, checkType String,
      monitoringZoneId Nullable(String), metrics Map(String, {metric})')
  ), points AS (
    SELECT base || entry.1 AS series, time - time % 300000 AS slot, entry.2.metricType AS type, multiIf(type = 110, entry.2.valueDbl,
      type IN (108, 76), toFloat64(entry.2.valueI64), toFloat64(entry.2.valueI32)) AS value
    FROM metrics WHERE type NOT IN (115, 98)
  )
  SELECT series, toDateTime64(slot / 1000, 3, 'UTC') AS time, count() AS count, sum(value) AS sum, avg(value) AS mean,
    varPopStable(value) AS variance, min(value) AS min, max(value) AS max
  FROM points GROUP BY series, slot ORDER BY series, slot
  SETTINGS max_threads = {threads}, output_format_parquet_compression_method = 'zstd',
    input_format_json_ignore_unknown_keys_in_named_tuple = 1
""")
print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB", file=sys.stderr)
