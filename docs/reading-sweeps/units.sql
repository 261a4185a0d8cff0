-- Units and meanings of the columns stand in the metadata of every file.
SELECT unnest(from_json(decode(value), '[{"name": "VARCHAR", "unit": "VARCHAR", "about": "VARCHAR"}]'), recursive := true)
FROM parquet_kv_metadata('output/neutropenia-doses/sweep/runs.parquet');
