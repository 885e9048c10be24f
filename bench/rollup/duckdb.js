// The same rollups by one SQL query in DuckDB, to the same kind of Parquet. The archive has nothing to deduplicate.
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const [directory, out, threads] = process.argv.slice(2)
const metric = `STRUCT(metricType INTEGER, valueDbl DOUBLE, valueI64 BIGINT, valueI32 INTEGER)`
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
await connection.run(`
  COPY (
    WITH metrics AS (
      SELECT "timestamp" AS time, tenantId || '.rackspace.monitoring.entities.' || entityId || '.checks.' || checkType || '.' || checkId
          || CASE WHEN contains(checkType, 'remote') THEN '.' || coalesce(monitoringZoneId, 'suspected-agent') ELSE '' END || '.' AS base,
        unnest(map_entries(metrics)) AS entry
      FROM read_json('${directory}/*.json.gz', format = 'newline_delimited', columns = {
        'timestamp': 'BIGINT', tenantId: 'VARCHAR', entityId: 'VARCHAR', checkId: 'VARCHAR', checkType: 'VARCHAR',
        monitoringZoneId: 'VARCHAR', metrics: 'MAP(VARCHAR, ${metric})'})
    ), points AS (
      SELECT base || entry.key AS series, time - time % 300000 AS slot, CASE entry.value.metricType
        WHEN 110 THEN entry.value.valueDbl WHEN 108 THEN entry.value.valueI64::DOUBLE WHEN 76 THEN entry.value.valueI64::DOUBLE
        ELSE entry.value.valueI32::DOUBLE END AS value
      FROM metrics WHERE entry.value.metricType NOT IN (115, 98)
    )
    SELECT series, make_timestamp(slot * 1000) AS time, count(*) AS count, sum(value) AS sum, avg(value) AS mean,
      var_pop(value) AS variance, min(value) AS min, max(value) AS max
    FROM points GROUP BY series, slot ORDER BY series, slot
  ) TO '${join(out, 'rollups.parquet')}' (FORMAT parquet, COMPRESSION zstd)`)
connection.closeSync()
instance.closeSync()
