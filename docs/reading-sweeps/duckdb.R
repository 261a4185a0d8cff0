sql <- "
  SELECT start, days, estimate, mc_error
  FROM 'output/neutropenia-doses/sweep/points/*.parquet'
  WHERE reference IS NULL AND step = 5 AND endpoint = 'neutropenia: grade 3-4'
  ORDER BY start, days"
points <- read.csv(pipe(paste("duckdb -csv -c", shQuote(sql))))
print(points, digits = 3)
print(xtabs(round(estimate, 1) ~ start + days, points))
