import { queryDuckDB } from './lakes.ts'

/**
 * The rollups of a raw archive by one SQL query over its files: an engine that shares nothing with ours. Files are read in order of
 * their names, which for names of one width is the canonical order.
 */
const rollupSql = (directory: string, sizes: readonly number[]): string => `
  WITH lines AS (
    SELECT row_number() OVER () AS place, regexp_replace(line, ':NaN([,}])', ':"NaN"\\1', 'g') AS line
    FROM read_csv('${directory}/*.json.gz', columns = {'line': 'VARCHAR'}, delim = '', quote = '', escape = '',
      header = false, parallel = false, max_line_size = 10000000)
  ), metrics AS (
    SELECT place, (line->>'$.timestamp')::BIGINT AS time, line->>'$.checkType' AS type, name,
      (line->>'$.tenantId') || '.rackspace.monitoring.entities.' || (line->>'$.entityId') || '.checks.' || (line->>'$.checkType')
        || '.' || (line->>'$.checkId') || CASE WHEN contains(line->>'$.checkType', 'remote')
          THEN '.' || coalesce(line->>'$.monitoringZoneId', 'suspected-agent') ELSE '' END || '.' || name AS series,
      json_extract(line, '$.metrics."' || name || '"') AS metric
    FROM lines, unnest(json_keys(line, '$.metrics')) AS keys(name)
  ), points AS (
    SELECT place, time, series, CASE metric->>'$.metricType'
      WHEN '110' THEN (metric->>'$.valueDbl')::DOUBLE
      WHEN '108' THEN ${integer('valueI64', 63)} WHEN '76' THEN ${integer('valueI64', 63)}
      WHEN '105' THEN ${integer('valueI32', 31)} WHEN '73' THEN ${integer('valueI32', 31)} END AS value
    FROM metrics WHERE metric->>'$.metricType' NOT IN ('115', '98')
  ), deduplicated AS (
    SELECT series, time, arg_max(value, place) AS value, count(*) AS copies FROM points GROUP BY series, time
  ), slotted AS (
    SELECT *, time - time % size AS slot FROM deduplicated, unnest([${sizes.join(', ')}]) AS sizes(size)
  ), centred AS (
    SELECT *, avg(value) OVER (PARTITION BY size, series, slot) AS centre FROM slotted
  )
  SELECT size::DOUBLE AS size, series, slot::DOUBLE AS time, count(*)::DOUBLE AS count, sum(value) AS sum,
    ${ieee('min')} AS min, ${ieee('max')} AS max,
    sum((value - centre) * (value - centre)) / count(*) AS variance, sum(abs(value)) AS magnitude, sum(copies)::DOUBLE AS copies
  FROM centred GROUP BY size, series, slot ORDER BY size, series, slot`

/** A text is an exact integer; a number goes through a double, is truncated and saturates, as Gson does it. */
const integer = (field: string, bits: number): string => `CASE json_type(metric, '$.${field}')
  WHEN 'VARCHAR' THEN (metric->>'$.${field}')::BIGINT::DOUBLE
  ELSE greatest(least(trunc((metric->>'$.${field}')::DOUBLE), 2.0 ** ${bits} - ${bits === 31 ? 1 : 0}), -(2.0 ** ${bits})) END`

/** NaN wins, as in IEEE 754's minimum and maximum. */
const ieee = (aggregate: string): string =>
  `CASE WHEN bool_or(isnan(value)) THEN 'NaN'::DOUBLE ELSE ${aggregate}(value) END`

export interface SqlRollup {
  /** Of the slot, in ms. */
  readonly size: number
  readonly series: string
  readonly time: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly variance: number
  readonly magnitude: number
  readonly copies: number
}

/** Rolls up to slots of some sizes; the files are read once. */
export const rollUpBySql = async (directory: string, sizes: readonly number[]): Promise<SqlRollup[]> =>
  (await queryDuckDB(rollupSql(directory, sizes))) as unknown as SqlRollup[]
