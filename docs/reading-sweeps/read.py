import polars as pl


def of(endpoint, column):
    return pl.col(column).filter(pl.col("endpoint") == endpoint).first().round(1)


points = pl.scan_parquet("output/neutropenia-doses/sweep/points/*.parquet")
table = (
    points.filter(pl.col("reference").is_null(), pl.col("step") == 5)
    .group_by("start", "days")
    .agg(
        neutropenia=of("neutropenia: grade 3-4", "estimate"),
        error=of("neutropenia: grade 3-4", "mc_error"),
        intensity=of("dose intensity: mean", "estimate"),
    )
    .sort("start", "days")
    .collect()
)
print(table)
