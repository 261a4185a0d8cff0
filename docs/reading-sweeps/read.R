library(arrow)
library(dplyr)

open_dataset("output/neutropenia-doses/sweep/points") |>
  filter(is.na(reference), step == 5, endpoint == "neutropenia: grade 3-4") |>
  select(start, days, estimate, mc_error) |>
  arrange(start, days) |>
  collect()
