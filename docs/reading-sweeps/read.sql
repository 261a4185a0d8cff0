-- How grade 3-4 neutropenia goes up with the starting dose, and what it costs in dose.
SELECT start AS start_mg, days,
       round(max(estimate) FILTER (endpoint = 'neutropenia: grade 3-4'), 1) AS neutropenia,
       round(max(mc_error) FILTER (endpoint = 'neutropenia: grade 3-4'), 1) AS error,
       round(max(estimate) FILTER (endpoint = 'dose intensity: mean'), 1) AS intensity
FROM read_parquet('output/neutropenia-doses/sweep/points/*.parquet')
WHERE reference IS NULL AND step = 5
GROUP BY ALL
ORDER BY start_mg, days;
