//! Every kind of endpoint, from its keys to its fields.

use super::super::{EndpointDefinition, EndpointKind, GradeTimes, Settings};
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
    assert_eq!((found.schedule, found.progression, found.confirmation), (1, 2, 56.0));
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
