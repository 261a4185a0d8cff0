import polars as pl

points = pl.scan_parquet("output/neutropenia-doses/sweep/points/*.parquet")
table = (
    points.filter(pl.col("reference").is_null(), pl.col("step") == 5)
    .filter(pl.col("endpoint").is_in(["neutropenia: grade 3-4", "dose intensity: mean"]))
    .select("start", "days", "endpoint", "estimate", "mc_error")
    .collect()
    .pivot(on="endpoint", index=["start", "days"], values=["estimate", "mc_error"])
    .sort("start", "days")
)
with pl.Config(tbl_cols=-1, float_precision=1):
    print(table)
