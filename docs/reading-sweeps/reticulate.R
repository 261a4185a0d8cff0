library(reticulate)

dataset <- import("pyarrow.dataset")
pc <- import("pyarrow.compute")
wanted <- pc$is_null(pc$field("reference"))$`__and__`(
  pc$equal(pc$field("endpoint"), "neutropenia: grade 3-4")
)
rows <- dataset$dataset("output/neutropenia-doses/sweep/points")$to_table(
  columns = c("start", "step", "days", "estimate", "mc_error"), filter = wanted
)
points <- as.data.frame(lapply(rows$to_pydict(), unlist))
points <- points[order(points$start, points$step, points$days), ]
print(points, digits = 3, row.names = FALSE)
