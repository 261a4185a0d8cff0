//! The figures of a sweep's page, from its results.

use super::Told;
use super::layout::{Grid, Layout, MOST_PANELS, Plane, axis_title};
use crate::report::draw::{
    self, Along, Cloud, Curves, HeatMap, MapCell, MapPanel, Marks, Mote, Scene, Shades, Station, Thread,
    Upright,
};
use crate::report::number::{beside_error, capital, labelled, short, unit};
use crate::sweep::{Reading, ViewColumn, normal_limit};

/// Most rectangles and dots that answer when they are pointed at, over the whole page: each is some 200 bytes of it.
const MOST_HINTS: usize = 6000;
/// Most lines of parallel coordinates.
const MOST_LINES: usize = 1500;
/// Most results in parallel coordinates.
const MOST_UPRIGHTS: usize = 9;

/// A figure with what is said below it.
pub struct Drawn {
    /// The figure.
    pub scene: Scene,
    /// What it shows.
    pub caption: String,
}

/// The title of a result, with its arm where there are several.
pub fn column_title(told: &Told<'_>, column: &ViewColumn) -> String {
    let of_many = told.plan.sweep.view.arms.len() > 1;
    let title = if of_many { column.target.title() } else { column.target.label.clone() };
    labelled(&capital(&title), &column.target.unit)
}

/// What is told of a result when it is pointed at.
fn hint(point: &str, column: &ViewColumn, reading: Option<&Reading>) -> String {
    let label = &column.target.label;
    let Some((reading, estimate)) = reading.and_then(|it| Some((it, it.estimate?))) else {
        return format!("{point}\n{label}: no value");
    };
    let (value, error) = beside_error(estimate, reading.error);
    let unit = unit(&column.target.unit);
    let limits = match (reading.lower, reading.upper) {
        (Some(lower), Some(upper)) => format!("\n95 % interval {} to {} {unit}", short(lower), short(upper)),
        _ => String::new(),
    };
    format!("{point}\n{label}: {value} {error} {unit}{limits}").replace("  ", " ")
}

/// Colours of a result: with a middle where it compares.
fn shades(told: &Told<'_>, place: usize, column: &ViewColumn) -> Shades {
    let middle = column.target.against.as_ref().map(|_| if column.target.ratio { 1.0 } else { 0.0 });
    let values = (0..told.results.points.len()).filter_map(|point| told.reading(point, place)?.estimate);
    Shades::over(values, middle)
}

/// Maps, clouds or lines of all results.
pub fn maps(told: &Told<'_>, grid: &Grid<'_>) -> Vec<Drawn> {
    match grid.layout() {
        Layout::Lines(axis) => vec![lines(told, grid, axis)],
        Layout::Maps(plane) => heat_maps(told, grid, &plane),
        Layout::Clouds(plane) => clouds(told, grid, &plane),
    }
}

/// What the panels of a figure are, in a sentence; with what was left out for want of room.
fn panels_told(told: &Told<'_>, plane: &Plane, combinations: usize) -> String {
    let names = |axes: &[usize]| {
        axes.iter().map(|axis| told.plan.sweep.axes[*axis].name.as_str()).collect::<Vec<_>>().join(" and ")
    };
    let mut text = String::new();
    if combinations > 1 {
        text.push_str(&format!(" A panel for each value of {}.", names(&plane.panels)));
    }
    if combinations > MOST_PANELS {
        text.push_str(&format!(
            " The first {MOST_PANELS} of {combinations} panels are shown; `x` and `y` in `[report]` choose other axes."
        ));
    }
    if !plane.through.is_empty() {
        text.push_str(&format!(" Points are shown whatever their {}.", names(&plane.through)));
    }
    if !told.plan.sweep.view.reference.is_empty() {
        text.push_str(" Framed: the point of reference.");
    }
    text
}

fn heat_maps(told: &Told<'_>, grid: &Grid<'_>, plane: &Plane) -> Vec<Drawn> {
    let (across, up) = (grid.side(plane.x), grid.side(plane.y));
    let combinations = grid.combinations(&plane.panels);
    let shown = &combinations[..combinations.len().min(MOST_PANELS)];
    let cells = shown.iter().map(|(_, points)| points.len()).sum::<usize>() * told.columns().len();
    let hints = cells <= MOST_HINTS;
    let build = |(place, column): (usize, &ViewColumn)| {
        let panel = |(levels, points): &(Vec<usize>, Vec<usize>)| MapPanel {
            title: panel_title(grid, &plane.panels, levels),
            cells: cells_of(told, grid, plane, points, (place, column)),
        };
        HeatMap {
            name: format!("map-{}", draw::slug(&column.name)),
            title: column_title(told, column),
            shades: shades(told, place, column),
            panels: shown.iter().map(panel).collect(),
            in_row: grid.in_row(&plane.panels, shown.len()),
            hints,
        }
    };
    let maps: Vec<HeatMap> = told.columns().iter().enumerate().map(build).collect();
    let under = panels_told(told, plane, combinations.len());
    let reading = if hints {
        "Pointed at, a cell tells its estimate, Monte Carlo standard error (±) and 95 % interval."
    } else {
        "Estimates and their errors are in the table of all points."
    };
    if shown.len() == 1 {
        let scene = draw::heat_maps("maps", "Results over two axes", &maps, &across, &up);
        return vec![Drawn {
            scene,
            caption: format!("Results over {} and {}. {reading}{under}", across.title, up.title),
        }];
    }
    let drawn = |map: HeatMap| {
        let caption = format!("{} over {} and {}. {reading}{under}", map.title, across.title, up.title);
        Drawn { scene: draw::heat_map(&map, &across, &up), caption }
    };
    maps.into_iter().map(drawn).collect()
}

fn panel_title(grid: &Grid<'_>, axes: &[usize], levels: &[usize]) -> String {
    axes.iter().zip(levels).map(|(axis, place)| grid.named(*axis, *place)).collect::<Vec<_>>().join(", ")
}

fn cells_of(
    told: &Told<'_>,
    grid: &Grid<'_>,
    plane: &Plane,
    points: &[usize],
    (place, column): (usize, &ViewColumn),
) -> Vec<Vec<Option<MapCell>>> {
    let size = (grid.levels[plane.x].len(), grid.levels[plane.y].len());
    let mut members: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); size.0]; size.1];
    for point in points {
        let places = &grid.places[*point];
        members[places[plane.y]][places[plane.x]].push(*point);
    }
    let cell = |points: Vec<usize>| match points[..] {
        [] => None,
        [point] => Some(one_cell(told, grid, point, (place, column))),
        _ => Some(mean_cell(told, &points, (place, column))),
    };
    members.into_iter().map(|row| row.into_iter().map(cell).collect()).collect()
}

fn one_cell(
    told: &Told<'_>,
    grid: &Grid<'_>,
    point: usize,
    (place, column): (usize, &ViewColumn),
) -> MapCell {
    let reading = told.reading(point, place);
    let value = reading.and_then(|it| it.estimate);
    let texts = value.map_or(("–".to_owned(), String::new()), |value| {
        beside_error(value, reading.and_then(|it| it.error))
    });
    let hint = match told.results.points[point] {
        None => format!("{}\nnot computed", grid.point(point)),
        Some(_) => hint(&grid.point(point), column, reading),
    };
    MapCell { value, texts, hint, reference: told.plan.sweep.view.reference.contains(&point) }
}

/// Several points of a design in one cell: their mean, which has no simple error, since all share their patients.
fn mean_cell(told: &Told<'_>, points: &[usize], (place, column): (usize, &ViewColumn)) -> MapCell {
    let values: Vec<f64> = points.iter().filter_map(|point| told.reading(*point, place)?.estimate).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let value = Some(mean).filter(|mean| mean.is_finite());
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    let hint = format!(
        "{}: mean of {} points {}, from {} to {} {}",
        column.target.label,
        values.len(),
        short(mean),
        short(low),
        short(high),
        unit(&column.target.unit)
    );
    let reference = points.iter().any(|point| told.plan.sweep.view.reference.contains(point));
    MapCell { value, texts: (value.map_or("–".to_owned(), short), String::new()), hint, reference }
}

fn clouds(told: &Told<'_>, grid: &Grid<'_>, plane: &Plane) -> Vec<Drawn> {
    let (x, y) = (grid.ruler(plane.x), grid.ruler(plane.y));
    let combinations = grid.combinations(&plane.panels);
    let shown = &combinations[..combinations.len().min(MOST_PANELS)];
    let dots = shown.iter().map(|(_, points)| points.len()).sum::<usize>() * told.columns().len();
    let hints = dots <= MOST_HINTS;
    let of = |(place, column): (usize, &ViewColumn)| -> Vec<Cloud> {
        let shades = shades(told, place, column);
        let mote = |point: &usize| Mote {
            at: (grid.number(plane.x, *point), grid.number(plane.y, *point)),
            value: told.reading(*point, place).and_then(|it| it.estimate),
            hint: hint(&grid.point(*point), column, told.reading(*point, place)),
            reference: told.plan.sweep.view.reference.contains(point),
        };
        let cloud = |(levels, points): &(Vec<usize>, Vec<usize>)| Cloud {
            title: column_title(told, column),
            under: panel_title(grid, &plane.panels, levels),
            shades,
            motes: points.iter().map(mote).collect(),
        };
        shown.iter().map(cloud).collect()
    };
    let all = told.columns().iter().enumerate().map(of);
    let under = panels_told(told, plane, combinations.len());
    let words = format!(" over {} and {}, points of a design.{under}", x.title, y.title);
    if shown.len() == 1 {
        let panels: Vec<Cloud> = all.flatten().collect();
        let scene =
            draw::clouds(("maps", "Results over two axes of a design"), &panels, (&x, &y), true, hints);
        return vec![Drawn { scene, caption: format!("Results{words}") }];
    }
    let names = told.columns().iter().map(|column| format!("map-{}", draw::slug(&column.name)));
    let drawn = |(panels, name): (Vec<Cloud>, String)| {
        let title = panels.first().map_or(String::new(), |cloud| cloud.title.clone());
        let scene = draw::clouds((&name, &title), &panels, (&x, &y), false, hints);
        Drawn { scene, caption: format!("{title}{words}") }
    };
    all.zip(names).map(drawn).collect()
}

fn lines(told: &Told<'_>, grid: &Grid<'_>, axis: usize) -> Drawn {
    let sweep = &told.plan.sweep;
    let of = &sweep.axes[axis];
    let along = if of.numeric {
        Along::Numbers(grid.ruler(axis))
    } else {
        Along::Levels(axis_title(of), grid.side(axis).levels)
    };
    let mut order: Vec<usize> = (0..sweep.points.len()).collect();
    order.sort_by_key(|point| grid.places[*point][axis]);
    let mut shown_arms = std::collections::BTreeSet::new();
    let mut panel = |(place, column): (usize, &ViewColumn)| {
        let compared = column.target.against.is_some();
        let arms = (0..sweep.view.arms.len())
            .filter(|arm| if column.one_arm { *arm == column.arm() } else { !(compared && *arm == 0) });
        let mut found = Vec::new();
        for arm in arms {
            shown_arms.insert(arm);
            let mut parts: Vec<Vec<Station>> = vec![Vec::new()];
            for point in &order {
                match station(told, grid, (axis, *point), (place, column), arm) {
                    Some(station) => parts.last_mut().into_iter().for_each(|part| part.push(station.clone())),
                    None => parts.push(Vec::new()),
                }
            }
            found.push((arm, parts.into_iter().filter(|part| !part.is_empty()).collect()));
        }
        let title = match &column.target.against {
            _ if column.one_arm => column.target.title(),
            Some(other) => format!("{}, against {other}", column.target.label),
            None => column.target.label.clone(),
        };
        Curves { title: labelled(&capital(&title), &column.target.unit), lines: found }
    };
    let panels: Vec<Curves> = told.columns().iter().enumerate().map(&mut panel).collect();
    let arms: Vec<(usize, String)> =
        shown_arms.into_iter().map(|arm| (arm, sweep.view.arms[arm].clone())).collect();
    let mut caption = format!(
        "Results along {}, with 95 % intervals of finitely many patients (shaded). Pointed at, a point tells its numbers.",
        axis_title(of)
    );
    if !sweep.view.reference.is_empty() {
        caption.push_str(" Ringed: the point of reference.");
    }
    Drawn { scene: draw::curves(("along", "Results along one axis"), &along, &panels, &arms), caption }
}

/// A point of a line, if it has a value.
fn station(
    told: &Told<'_>,
    grid: &Grid<'_>,
    (axis, point): (usize, usize),
    (place, column): (usize, &ViewColumn),
    arm: usize,
) -> Option<Station> {
    let reading = told.results.points[point].as_ref()?.readings.get(place)?.get(arm)?.as_ref()?;
    let value = reading.estimate.filter(|value| value.is_finite())?;
    // Limits that respect the range of the result (0 to 100 %) before those of a normal estimate.
    let normal = reading.error.map(|error| (value - normal_limit(error), value + normal_limit(error)));
    let limits = reading.lower.zip(reading.upper).or(normal);
    let name = if told.plan.sweep.view.arms.len() > 1 {
        format!("{}, {}", grid.point(point), told.plan.sweep.view.arms[arm])
    } else {
        grid.point(point)
    };
    Some(Station {
        x: grid.number(axis, point),
        value,
        limits: limits.filter(|(low, high)| low.is_finite() && high.is_finite()),
        hint: hint(&name, column, Some(reading)),
        reference: told.plan.sweep.view.reference.contains(&point),
    })
}

/// Parallel coordinates over axes and results; `None` where nothing varies.
pub fn across(told: &Told<'_>, grid: &Grid<'_>) -> Option<Drawn> {
    let sweep = &told.plan.sweep;
    let axes = grid.varying();
    let colour = sweep.view.colour;
    let column = told.columns().get(colour)?;
    if sweep.points.len() < 3 || axes.is_empty() {
        return None;
    }
    let mut columns: Vec<usize> = (0..told.columns().len().min(MOST_UPRIGHTS)).collect();
    if !columns.contains(&colour) {
        columns.push(colour);
    }
    let mut uprights: Vec<Upright> = axes.iter().map(|axis| upright_of_axis(grid, *axis)).collect();
    uprights.extend(columns.iter().map(|place| upright_of_result(told, *place)));
    let shades = shades(told, colour, column);
    let thread = |point: usize| {
        let of_axes = axes.iter().map(|axis| Some(grid.number(*axis, point)));
        let value = |place: &usize| told.reading(point, *place).and_then(|it| it.estimate);
        Thread {
            places: of_axes.chain(columns.iter().map(value)).collect(),
            value: value(&colour),
            reference: sweep.view.reference.contains(&point),
        }
    };
    let there = (0..sweep.points.len()).filter(|point| told.results.points[*point].is_some());
    let mut threads: Vec<Thread> = there.map(thread).collect();
    // The largest on top, in every figure of the same results.
    threads.sort_by(|a, b| {
        a.value.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.value.unwrap_or(f64::NEG_INFINITY))
    });
    let all = threads.len();
    if all > MOST_LINES {
        let every = all as f64 / MOST_LINES as f64;
        let kept: std::collections::BTreeSet<usize> =
            (0..MOST_LINES).map(|line| (line as f64 * every) as usize).collect();
        let mut place = 0..;
        threads.retain(|thread| place.next().is_some_and(|at| kept.contains(&at)) || thread.reference);
    }
    let mut caption = format!(
        "Every point is a line across the axes of the sweep and its results, coloured by {}. Brackets: typical 95 % Monte Carlo interval of a result; \
         differences smaller than that may be noise.",
        column.target.label
    );
    if all > threads.len() {
        caption.push_str(&format!(
            " {} of {all} lines are drawn, evenly over the order of their colour.",
            threads.len()
        ));
    }
    if !sweep.view.reference.is_empty() {
        caption.push_str(" Black: the point of reference.");
    }
    let key = column_title(told, column);
    let scene = draw::parallel("Parallel coordinates of all points", &uprights, &threads, shades, &key);
    Some(Drawn { scene, caption })
}

fn upright_of_axis(grid: &Grid<'_>, axis: usize) -> Upright {
    let of = &grid.sweep.axes[axis];
    let marks = if of.numeric {
        let (low, high) = grid.ruler(axis).ends;
        Marks::Numbers(low, high)
    } else {
        Marks::Levels(grid.side(axis).levels)
    };
    Upright { title: axis_title(of), marks, half_width: None }
}

fn upright_of_result(told: &Told<'_>, place: usize) -> Upright {
    let column = &told.columns()[place];
    let readings = || (0..told.results.points.len()).filter_map(|point| told.reading(point, place));
    let values = readings().filter_map(|it| it.estimate).filter(|value| value.is_finite());
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let mut errors: Vec<f64> =
        readings().filter_map(|it| it.error).filter(|error| error.is_finite()).collect();
    errors.sort_by(f64::total_cmp);
    let half_width = errors.get(errors.len() / 2).map(|error| normal_limit(*error));
    Upright {
        title: labelled(&column.target.label, &column.target.unit),
        marks: Marks::Numbers(low, high),
        half_width,
    }
}
