import { pythonBeside } from '../support/python.ts'
import { pythonWith } from './pip.ts'
import { run } from './support.ts'

/** Another engine that reads a lake. */
export interface ParquetReader {
  readonly name: string
  readonly packages: readonly string[]
  /** A program that it needs. */
  readonly needs?: string
  /** Defines `read`, which gives the names of the columns and the rows. */
  readonly script: string
}

/** A folder of a granularity: all of its rows, or those of the series `from` on whose `column` is `below` a number. */
export interface ReadRequest {
  readonly folder: string
  readonly where: { readonly from: string; readonly column: string; readonly below: number } | null
}

/** Values are texts: doubles by their bits, times in microseconds. */
export type Cell = string | null
export interface ReadAnswer {
  readonly names: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly error?: string
}

export const parquetReaders: readonly ParquetReader[] = [
  {
    name: 'pyarrow',
    packages: ['pyarrow==26.0.1', 'pandas==3.1.1'],
    script: `
import pyarrow.parquet as pq
def read(folder, where):
    filters = where and [("series", ">=", where["from"]), (where["column"], "<", where["below"])]
    table = pq.read_table(folder, filters=filters, page_checksum_verification=True)
    return table.column_names, zip(*(column.to_pylist() for column in table.columns))
`,
  },
  {
    name: 'pandas',
    packages: ['pyarrow==26.0.1', 'pandas==3.1.1'],
    script: `
import pandas as pd
def read(folder, where):
    filters = where and [("series", ">=", where["from"]), (where["column"], "<", where["below"])]
    frame = pd.read_parquet(folder, filters=filters, dtype_backend="pyarrow", page_checksum_verification=True)
    rows = frame.itertuples(index=False, name=None)
    return list(frame.columns), ([None if value is pd.NA else value for value in row] for row in rows)
`,
  },
  {
    name: 'ClickHouse',
    packages: ['chdb==4.4.0', 'pyarrow==26.0.1'],
    script: `
import chdb
def read(folder, where):
    sql = f"SELECT * FROM file('{folder}/*/*.parquet')"
    if where: sql += f" WHERE series >= '{where['from']}' AND {where['column']} < {where['below']}"
    table = chdb.query(sql, "ArrowTable")
    return table.column_names, zip(*(column.to_pylist() for column in table.columns))
`,
  },
  {
    name: 'Spark',
    packages: ['pyspark==4.3.0'],
    needs: 'java',
    script: `
import os
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
from pyspark.sql import SparkSession
options = {"spark.ui.enabled": "false", "spark.hadoop.parquet.page.verify-checksum.enabled": "true"}
spark = SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
def read(folder, where):
    frame = spark.read.parquet(folder)
    if where: frame = frame.where(f"series >= '{where['from']}' AND {where['column']} < {where['below']}")
    return frame.columns, frame.selectExpr(*(f"unix_micros({c})" if c == "time" else c for c in frame.columns)).collect()
`,
  },
]

/** A line of JSON for each request from standard input. */
const answering = `
import datetime, json, struct, sys
epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
def plain(value):
    if value is None or isinstance(value, str): return value
    if isinstance(value, float): return "NaN" if value != value else struct.pack(">d", value).hex()
    if isinstance(value, datetime.datetime): return str((value - epoch) // datetime.timedelta(microseconds=1))
    return str(value)
for request in json.load(sys.stdin):
    try:
        names, rows = read(**request)
        print(json.dumps({"names": names, "rows": [[plain(value) for value in row] for row in rows]}))
    except Exception as error:
        print(json.dumps({"error": str(error)}))
`

/** Installs a reader. Resolves to what makes it read. */
export async function startReader({ packages, needs, script }: ParquetReader) {
  if (needs) await run(needs, ['-version'])
  const program = await pythonWith(packages[0].replace(/=.*/, ''), packages)
  return async (requests: readonly ReadRequest[]): Promise<ReadAnswer[]> => {
    const text = await pythonBeside(script + answering, requests, program)
    const lines = text.toString().trim().split('\n')
    return lines.map((line) => JSON.parse(line))
  }
}
