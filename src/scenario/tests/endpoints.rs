//! Every kind of endpoint, from its keys to its fields.

use super::super::{
    EndpointDefinition, EndpointKind, FlareWindow, GradeTimes, Guideline, Happening, LysisRule, Modification,
    Progression, ResponseQuestion, Settings, Summary,
};
use super::{SCENARIO, good, load_with};

fn endpoint(keys: &str) -> EndpointDefinition {
    let text = format!("{SCENARIO}\n[[endpoint]]\nname = \"x\"\n{keys}\n");
    let endpoints = good(&text).endpoints;
    endpoints.into_iter().find(|endpoint| endpoint.name == "x").unwrap_or_else(|| panic!("{keys}"))
}

fn refused(keys: &str, wanted: &str) {
    let text = format!("{SCENARIO}\n[[endpoint]]\nname = \"x\"\n{keys}\n");
    let (scenario, diagnostics, rendered) = load_with(&text, &Settings::default(), Vec::new());
    assert!(scenario.is_none(), "{keys}");
    assert!(rendered.contains(wanted), "`{wanted}` is missing from\n{rendered}");
    assert_eq!(diagnostics.len(), 1, "{rendered}");
}

#[test]
fn exposure() {
    for (kind, unit) in [
        ("Cmax", "ng/mL"),
        ("Tmax", "h"),
        ("AUC", "ng/mL*h"),
        ("AUC to infinity", "ng/mL*h"),
        ("half-life", "h"),
        ("trough", "ng/mL"),
    ] {
        let found = endpoint(&format!("kind = \"{kind}\"\nof = \"Cp\"\nrecord = \"course\""));
        assert_eq!(found.unit.name, unit, "{kind}");
        assert!(found.unit.unit.factor > 0.0);
    }
    let found = endpoint("kind = \"AUC\"\nof = \"Cp\"\nrecord = \"course\"\nunit = \"ug*d/L\"");
    assert!(matches!(found.kind, EndpointKind::Auc { record: 0, .. }));
    refused("kind = \"AUC\"\nof = \"Cp\"\nrecord = \"course\"\nunit = \"ng/mL\"", "another dimension");
    refused("kind = \"AUC\"\nof = \"Cp\"", "the key `record` is missing");
    refused("kind = \"AUC\"\nof = \"Cp\"\nrecord = \"curse\"", "did you mean `course`");
    refused("kind = \"AUC\"\nof = \"Cp\"\nrecord = \"course\"\ndrug = \"drug\"", "unknown key `drug`");
}

#[test]
fn counts_and_grades() {
    assert!(matches!(endpoint("kind = \"nadir\"\nof = \"ANC\"").kind, EndpointKind::Nadir { .. }));
    assert!(matches!(endpoint("kind = \"nadir day\"\nof = \"ANC\"").kind, EndpointKind::NadirDay { .. }));
    let below = endpoint("kind = \"days below\"\nof = \"ANC\"\nthreshold = \"1.0e9/L\"");
    assert!(matches!(below.kind, EndpointKind::DaysBelow { threshold: 1.0, .. }));
    let flare = endpoint(
        "kind = \"worst grade\"\nof = \"flare\"\nthresholds = [0.2, 0.5]\nfalling = false\nat = \"record course\"",
    );
    assert!(matches!(flare.kind, EndpointKind::WorstGrade { falling: false, at: GradeTimes::Record(0), .. }));
    refused(
        "kind = \"worst grade\"\nof = \"flare\"\nthresholds = [0.5]\nat = \"home\"",
        "not read at `home`",
    );
    refused("kind = \"worst grade\"\nof = \"flare\"\nthresholds = [0.5, 0.2]\nfalling = false", "in order");
}

#[test]
fn events_and_doses() {
    let death = endpoint("kind = \"time to event\"\nhazard = \"death\"");
    assert!(matches!(death.kind, EndpointKind::TimeToHazard { hazard: 0 }));
    assert!(matches!(endpoint("kind = \"time on treatment\"").kind, EndpointKind::TimeOnTreatment));
    let reached = endpoint("kind = \"reached dose\"\ndrug = \"drug\"\ndose = \"10 mg\"");
    assert!(matches!(reached.kind, EndpointKind::ReachedDose { drug: 0, dose: 10.0 }));
    assert_eq!(endpoint("kind = \"dose intensity\"\ndrug = \"drug\"").unit.name, "%");
    assert!(matches!(
        endpoint("kind = \"ever true\"\nsignal = \"worse\"").kind,
        EndpointKind::EverTrue { signal: 2 }
    ));
    refused("kind = \"ever true\"\nsignal = \"wors\"", "did you mean `worse`");
    refused("kind = \"time to event\"\nhazard = \"deth\"", "there is no hazard `deth`");
    refused("kind = \"reached dose\"\ndrug = \"drug\"\ndose = \"10 L\"", "a dose of `drug`");
}

#[test]
fn criteria() {
    let keys = "kind = \"best response\"\nprogression = \"worse\"\nnodes = \"flare\"\nnode = \"size\"\n\
                spleen = \"size\"\nlymphocytes = \"ANC\"\nmarrow = \"flare\"\nneutrophils = \"ANC\"\n\
                platelets = \"ANC\"\nhaemoglobin = \"Cp\"\nnode_limit = \"2.0 cm\"";
    let EndpointKind::BestResponse(found) = endpoint(keys).kind else { panic!() };
    assert_eq!((found.schedule, found.progression.signal, found.confirmation), (1, 2, 56.0));
    assert!((found.node_limit - 0.2).abs() < 1e-15, "2 cm are 0.2 dm");
    refused(&keys.replace("spleen = \"size\"", "spleen = \"ANC\""), "`spleen` is");
    let keys = "kind = \"tumour lysis\"\nrecord = \"course\"\ndrug = \"drug\"\nclinical = true\n\
                items = [{ of = \"ANC\", at_least = \"9.0e9/L\" }, { of = \"flare\", at_most = 0.1 }]\n\
                creatinine = { of = \"Cp\", at_least = \"165 ng/mL\" }\nflare = { of = \"flare\", at_least = 1 }";
    let EndpointKind::TumourLysis { criteria, clinical } = endpoint(keys).kind else { panic!() };
    assert!(clinical);
    assert_eq!((criteria.window, criteria.items[0].2, criteria.items[1].2), (7.0, true, false));
    assert!((criteria.creatinine.1 - 0.165).abs() < 1e-12);
    assert_eq!(criteria.flare.map(|(_, limit)| limit), Some(1.0));
    refused(&keys.replace("at_most = 0.1", "at_mots = 0.1"), "unknown key `at_mots`");
}

#[test]
fn records_hold_what_endpoints_read() {
    let text = format!(
        "{SCENARIO}\n[[record]]\nname = \"profile\"\nfrom = \"day 1\"\nto = \"day 2\"\nevery = \"6 h\"\noutputs = [\"Cp\"]\n\
         [[endpoint]]\nname = \"x\"\nkind = \"trough\"\nof = \"ANC\"\nrecord = \"profile\"\n"
    );
    let scenario = good(&text);
    assert_eq!(scenario.records.len(), 1, "no default course beside a record of one's own");
    assert_eq!(scenario.records[0].times, [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(scenario.records[0].outputs.len(), 2);
}

const RESPONSE: &str = "kind = \"best response\"\nprogression = \"worse\"\nnodes = \"flare\"\nnode = \"size\"\n\
                        spleen = \"size\"\nlymphocytes = \"ANC\"\nmarrow = \"flare\"\nneutrophils = \"ANC\"\n\
                        platelets = \"ANC\"\nhaemoglobin = \"Cp\"";

#[test]
fn sets_of_response_criteria() {
    let criteria = |keys: &str| match endpoint(&format!("{RESPONSE}\n{keys}")).kind {
        EndpointKind::BestResponse(found) => (found.guideline, found.lymphocytosis_apart),
        other => panic!("{other:?}"),
    };
    assert_eq!(criteria(""), (Guideline::Both, false));
    assert_eq!(criteria("criteria = \"iwCLL 2008\""), (Guideline::Iwcll2008, false));
    assert_eq!(criteria("criteria = \"iwCLL 2018\""), (Guideline::Iwcll2018, true));
    let counts = "criteria = \"iwCLL 2018\"\nlymphocytosis = \"counts\"";
    assert_eq!(criteria(counts), (Guideline::Iwcll2018, false));
    assert_eq!(criteria("lymphocytosis = \"PR-L\""), (Guideline::Both, true));
    refused(&format!("{RESPONSE}\ncriteria = \"iwCLL 2019\""), "did you mean `iwCLL 2018`?");
    refused(&format!("{RESPONSE}\nlymphocytosis = \"PRL\""), "not treated as `PRL`");
}

#[test]
fn a_sequence_of_responses_takes_the_criteria_of_another_endpoint() {
    // It may stand before the endpoint whose criteria it takes.
    let text = |name: &str, more: &str| {
        format!(
            "{SCENARIO}\n[[endpoint]]\nname = \"lasts\"\nkind = \"duration of response\"\ndeath = \"death\"\n{more}\n\
             [[endpoint]]\nname = \"{name}\"\n{RESPONSE}\nnode_limit = \"2.0 cm\"\n"
        )
    };
    for (name, more) in [("by CT", "response = \"by CT\""), ("by CT", "")] {
        let endpoints = good(&text(name, more)).endpoints;
        let lasts = endpoints.iter().find(|endpoint| endpoint.name == "lasts").unwrap();
        let EndpointKind::Response { criteria, question } = &lasts.kind else { panic!() };
        assert_eq!(*question, ResponseQuestion::Duration { death: Some(0) });
        assert!((criteria.node_limit - 0.2).abs() < 1e-15);
        assert_eq!(lasts.unit.name, "month");
    }
    let (_, diagnostics, rendered) =
        load_with(&text("by CT", "response = \"by MR\""), &Settings::default(), Vec::new());
    assert!(rendered.contains("did you mean `by CT`?"), "{rendered}");
    assert_eq!(diagnostics.len(), 1);
    refused("kind = \"time to response\"", "which response?");
}

#[test]
fn what_comes_first() {
    let found = endpoint(
        "kind = \"cumulative incidence\"\nevent = \"worse\"\ncompeting = [\"death\", \"discontinuation\"]",
    );
    let EndpointKind::CumulativeIncidence { event, competing } = found.kind else { panic!() };
    assert_eq!(event, Happening::Signal(Progression { signal: 2, flare: None }));
    assert_eq!(competing, [Happening::Hazard(0), Happening::Discontinuation]);
    // Without a list every hazard that ends follow-up competes.
    let found = endpoint("kind = \"cumulative incidence\"\nevent = \"discontinuation\"");
    let EndpointKind::CumulativeIncidence { competing, .. } = found.kind else { panic!() };
    assert_eq!(competing, [Happening::Hazard(0)]);
    let keys = "kind = \"time to progression\"\nprogression = \"worse\"\ndeath = \"death\"\n\
                flare_window = { length = \"84 d\", drug = \"drug\", flare = { of = \"flare\", at_least = 1 } }";
    let EndpointKind::CumulativeIncidence { event, competing } = endpoint(keys).kind else { panic!() };
    let window = FlareWindow { drug: 0, length: 84.0, flare: Some((2, 1.0)) };
    assert_eq!(event, Happening::Signal(Progression { signal: 2, flare: Some(window) }));
    assert_eq!(competing, [Happening::Hazard(0)]);
    refused("kind = \"cumulative incidence\"\nevent = \"deth\"", "did you mean `death`?");
    refused(
        "kind = \"cumulative incidence\"\nevent = \"death\"\ncompeting = [\"death\"]",
        "`death` stands here twice",
    );
    refused(&keys.replace("84 d", "84"), "has no unit");
}

#[test]
fn cycles_episodes_and_modifications() {
    let grades = "of = \"ANC\"\nthresholds = [\"2.0e9/L\", \"1.0e9/L\"]";
    let found = endpoint(&format!("kind = \"worst grade by cycle\"\n{grades}"));
    let EndpointKind::GradesByCycle { source, cycle } = found.kind else { panic!() };
    assert_eq!((source.thresholds, source.falling, cycle), (vec![2.0, 1.0], true, 28.0));
    let found = endpoint(&format!("kind = \"worst grade by cycle\"\ncycle = \"21 d\"\n{grades}"));
    assert!(matches!(found.kind, EndpointKind::GradesByCycle { cycle: 21.0, .. }));
    let keys = "kind = \"recurrence\"\nof = \"flare\"\nrecord = \"course\"\nfrom = 0.5\nbelow = 0.35";
    assert!(matches!(endpoint(keys).kind, EndpointKind::Recurrence { from: 0.5, below: 0.35, .. }));
    refused(&keys.replace("0.35", "0.6"), "cannot end above its beginning");
    for (kind, question, unit) in [
        ("time on hold", Modification::TimeOnHold, "d"),
        ("holds", Modification::Holds, "1"),
        ("reductions", Modification::Reductions, "1"),
        ("time to first hold", Modification::TimeToFirstHold, "month"),
        ("time to first reduction", Modification::TimeToFirstReduction, "month"),
    ] {
        let found = endpoint(&format!("kind = \"{kind}\"\ndrug = \"drug\""));
        assert_eq!(found.unit.name, unit, "{kind}");
        let EndpointKind::Modification { drug: 0, question: found } = found.kind else { panic!("{kind}") };
        assert_eq!(found, question);
    }
}

#[test]
fn expressions() {
    let expression = |keys: &str| match endpoint(&format!("kind = \"expression\"\n{keys}")) {
        EndpointDefinition { kind: EndpointKind::Expression(found), unit, .. } => (*found, unit.name),
        other => panic!("{other:?}"),
    };
    let (found, unit) = expression("value = \"last(ANC) / baseline(ANC)\"");
    assert_eq!((found.aggregates.len(), found.logical, unit.as_str()), (2, false, "1"));
    let (found, unit) = expression("value = \"smallest(ANC) - at(ANC, 28 d) + smallest(ANC)\"");
    assert_eq!((found.aggregates.len(), unit.as_str()), (2, "1e9/L"));
    assert_eq!(found.aggregates[1].summary, Summary::At(28.0));
    let (found, _) =
        expression("when = \"share(ANC < 1.0e9/L) > 0.5\"\nduring = \"treatment\"\nschedule = \"restaging\"");
    assert!(found.logical && found.on_treatment);
    assert_eq!(found.schedule, 1);
    let (found, _) =
        expression("value = \"average(Cp)\"\nrecord = \"course\"\nfrom = \"day 29\"\nto = \"day 57\"");
    assert_eq!((found.record, found.span), (Some(0), (28.0, 56.0)));
    let (_, unit) = expression("value = \"first_time(worse)\"\nunit = \"month\"");
    assert_eq!(unit, "month");
    let refused = |keys: &str, wanted: &str| refused(&format!("kind = \"expression\"\n{keys}"), wanted);
    refused("value = \"ANC\"", "`ANC` has a value at every time");
    refused("value = \"last(ANK)\"", "did you mean `ANC`?");
    refused("value = \"last(ANC) + last(Cp)\"", "cannot add");
    refused("value = \"last(ANC)\"\nunit = \"d\"", "this endpoint is");
    refused("value = \"last(ANC)\"\nwhen = \"ever(ANC < 1.0e9/L)\"", "either `value` or `when`");
    refused("value = \"1\"", "reads nothing of the patient");
    refused("value = \"last(CRCL)\"", "a constant of the patient");
    refused("value = \"share(worse)\"\nrecord = \"course\"", "the signal `worse` is not in a record");
    refused("value = \"last(nadir(ANC))\"", "nadir");
    refused("value = \"at(ANC)\"", "`at` takes 2 arguments");
    refused("value = \"at(ANC, 28 mg)\"", "the time is");
    refused("value = \"last(ANC)\"\nduring = \"hold\"", "not read during `hold`");
}

#[test]
fn tumour_lysis_as_published() {
    let keys = "kind = \"tumour lysis\"\ncriteria = \"Cairo-Bishop 2004\"\nrecord = \"course\"\ndrug = \"drug\"\n\
                items = [{ of = \"ANC\", at_least = \"9.0e9/L\" }, { of = \"flare\", at_most = 0.1 }]\n\
                creatinine = { of = \"Cp\", at_least = \"165 ng/mL\" }\nevents = [\"death\"]\nsteps = true";
    let EndpointKind::TumourLysis { criteria, .. } = endpoint(keys).kind else { panic!() };
    assert_eq!(criteria.rule, LysisRule::WithinWindow { before: 3.0, change: 0.25, steps: true });
    assert_eq!(criteria.events, [0]);
    refused(&keys.replace("2004", "2005"), "did you mean `Cairo-Bishop 2004`?");
    refused(&keys.replace("[\"death\"]", "[\"deth\"]"), "there is no hazard `deth`");
    refused(&format!("{keys}\nflare = {{ of = \"flare\", at_least = 1 }}"), "`flare` has no meaning");
    refused(&keys.replace("criteria = \"Cairo-Bishop 2004\"\n", ""), "`steps` has no meaning");
}
