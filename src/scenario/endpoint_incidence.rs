//! The keys of endpoints about what comes first: cumulative incidence and time to progression, progression-free survival
//! with its flare window, holds and reductions, recurrence.

use super::endpoint_criteria::{FlareWindow, Happening, Modification, Progression};
use super::endpoint_definition::EndpointKind;
use super::fields::Fields;
use super::names::missing;
use super::time::duration;
use crate::diagnostic::{Diagnostic, Text};

/// The end of treatment as a file names it.
const DISCONTINUATION: &str = "discontinuation";

/// The signal that `progression` names, with the flare window, if there is one.
pub(super) fn progression(fields: &mut Fields<'_, '_>) -> Option<Progression> {
    let signal = fields.table.required_text("progression", fields.diagnostics);
    let flare = flare_window(fields);
    let signal = signal.and_then(|signal| fields.condition_signal(&signal));
    Some(Progression { signal: signal?, flare: flare? })
}

/// `flare_window = { length = "84 d", drug = "lenalidomide", flare = { of = "flare", at_least = 1 } }`: `None` if it is
/// there and faulty.
#[expect(clippy::option_option, reason = "faulty, absent and present are three things")]
pub(super) fn flare_window(fields: &mut Fields<'_, '_>) -> Option<Option<FlareWindow>> {
    let Some(mut table) = fields.table.table("flare_window", fields.diagnostics) else { return Some(None) };
    let errors = fields.diagnostics.len();
    let length = table.required_text("length", fields.diagnostics);
    let drug = table.required_text("drug", fields.diagnostics);
    let flare = table.table("flare", fields.diagnostics);
    table.finish(fields.diagnostics);
    let length = length.and_then(|text| duration(&text, Some(fields.around.cycle), fields.diagnostics));
    let drug = drug.and_then(|drug| fields.around.names.route(&drug.value, drug.span, fields.diagnostics));
    let flare = flare.and_then(|mut table| {
        let of = table.required_text("of", fields.diagnostics);
        let limit = table.value("at_least");
        table.finish(fields.diagnostics);
        let of = of?;
        let output = fields.around.names.output(&of.value, of.span, fields.diagnostics)?;
        let Some(limit) = limit else {
            fields.diagnostics.push(
                Diagnostic::error("the flare has no limit", of.span, "at least what?")
                    .help("write `flare = { of = \"flare\", at_least = 1 }`"),
            );
            return None;
        };
        Some((output, fields.limit(&limit, output)?))
    });
    if fields.diagnostics.len() > errors {
        return None;
    }
    Some(Some(FlareWindow { drug: drug?, length: length?, flare }))
}

/// `"time to progression"`: progression, with death competing.
pub(super) fn to_progression(fields: &mut Fields<'_, '_>) -> Option<EndpointKind> {
    let death = fields.table.text("death", fields.diagnostics);
    let progression = progression(fields);
    let death = match death {
        None => Some(None),
        Some(death) => fields.hazard(&death).map(Some),
    };
    let event = Happening::Signal(progression?);
    Some(EndpointKind::CumulativeIncidence {
        event,
        competing: death?.map(Happening::Hazard).into_iter().collect(),
    })
}

/// `"cumulative incidence"`: `event` and `competing` name hazards, signals or `discontinuation`. Without `competing`,
/// every other hazard that ends follow-up competes.
pub(super) fn incidence(fields: &mut Fields<'_, '_>) -> Option<EndpointKind> {
    let event = fields.table.required_text("event", fields.diagnostics);
    let given = fields.table.has("competing");
    let texts = fields.table.texts("competing", fields.diagnostics);
    let flare = flare_window(fields);
    let event = event?;
    let flare = flare?;
    let found = happening(fields, &event, flare);
    let mut competing = Vec::new();
    let mut faulty = found.is_none();
    for text in &texts {
        match happening(fields, text, flare) {
            Some(other) if found.as_ref() == Some(&other) || competing.contains(&other) => {
                fields.diagnostics.push(
                    Diagnostic::error(format!("`{}` stands here twice", text.value), text.span, "again")
                        .help("an event does not compete with itself: name each one once"),
                );
                faulty = true;
            }
            Some(other) => competing.push(other),
            None => faulty = true,
        }
    }
    let event = found?;
    if !given {
        let hazards = fields.around.model.hazards.iter().enumerate();
        let terminal =
            hazards.filter(|(_, hazard)| hazard.terminal).map(|(index, _)| Happening::Hazard(index));
        competing = terminal.filter(|other| *other != event).collect();
    }
    (!faulty).then_some(EndpointKind::CumulativeIncidence { event, competing })
}

fn happening(fields: &mut Fields<'_, '_>, text: &Text, flare: Option<FlareWindow>) -> Option<Happening> {
    if text.value == DISCONTINUATION {
        return Some(Happening::Discontinuation);
    }
    let hazards = &fields.around.model.hazards;
    if let Some(hazard) = hazards.iter().position(|hazard| hazard.name == text.value) {
        return Some(Happening::Hazard(hazard));
    }
    let signals = fields.around.signals;
    if signals.iter().any(|signal| signal.name == text.value) {
        let signal = fields.condition_signal(text)?;
        return Some(Happening::Signal(Progression { signal, flare }));
    }
    if !fields.around.faulty_signals.contains(&text.value) {
        let known = hazards.iter().map(|hazard| hazard.name.as_str());
        let known = known.chain(signals.iter().map(|signal| signal.name.as_str())).chain([DISCONTINUATION]);
        fields.diagnostics.push(missing(&text.value, text.span, "hazard or signal", known));
    }
    None
}

/// Holds and reductions of a drug, by the name of the kind; `None` for other kinds.
pub(super) fn modification(kind: &str) -> Option<Modification> {
    Some(match kind {
        "time on hold" => Modification::TimeOnHold,
        "holds" => Modification::Holds,
        "reductions" => Modification::Reductions,
        "time to first hold" => Modification::TimeToFirstHold,
        "time to first reduction" => Modification::TimeToFirstReduction,
        _ => return None,
    })
}

/// `"recurrence"`: `of`, `record`, `from` (an episode begins) and `below` (it is over; `from` if left out).
pub(super) fn recurrence(fields: &mut Fields<'_, '_>) -> Option<EndpointKind> {
    let output = fields.output();
    let record = fields.record();
    let from = fields.value("from");
    let below = fields.table.value("below");
    let (output, from) = (output?, from?);
    let start = fields.limit(&from, output)?;
    let end = match below {
        None => start,
        Some(below) => {
            let end = fields.limit(&below, output)?;
            if end > start {
                fields.diagnostics.push(
                    Diagnostic::error("an episode cannot end above its beginning", below.span(), "too high")
                        .related(from.span(), "begins here")
                        .help("let `below` be at most `from`: the finding has gone once it is below it"),
                );
                return None;
            }
            end
        }
    };
    Some(EndpointKind::Recurrence { output, record: record?, from: start, below: end })
}
