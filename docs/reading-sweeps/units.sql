-- Units and meanings stand in the file's metadata, as <column>.unit and <column>.about.
SELECT decode(key) AS key, decode(value) AS value
FROM parquet_kv_metadata('output/neutropenia-doses/sweep/runs.parquet')
ORDER BY key;
