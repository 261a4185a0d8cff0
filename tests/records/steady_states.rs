//! Steady states: against long series and closed forms, and where there is none.

use super::*;

/// A steady state, and the long series that comes to it.
fn steady(text: &str, dose: (u32, f64, f64, f64), doses: u32) {
    let (compartment, amount, rate, interval) = dose;
    let times: Vec<f64> = [0.0, 0.1, 0.4, 0.9, 1.3, 1.9].iter().map(|share| share * interval).collect();
    let at_once = format!("1,0,1,{amount},{compartment},{rate},{interval},1,1\n{}", samples(&times));
    let first = -f64::from(doses) * interval;
    let mut rows = written_out(compartment, amount, rate, interval, first, doses + 2);
    // Samples at the time of a dose stand behind it.
    rows.extend(times.iter().map(|&time| (time, samples(&[time]))));
    let long = simulated(text, &sorted(&mut rows));
    // The area never comes to a steady state; only its increase can be compared.
    let shown = |table: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let area = table[0].get(2).copied().unwrap_or(0.0);
        let row = |mut row: Vec<f64>| {
            if let Some(value) = row.get_mut(2) {
                *value -= area;
            }
            row
        };
        table.into_iter().map(row).collect()
    };
    let what = format!("{amount} at {rate} each {interval} into {compartment}");
    close(&shown(simulated(text, &at_once)), &shown(long), &what);
}

#[test]
fn a_steady_state_is_where_a_long_series_comes_to() {
    // Bolus; lag shorter than the interval, equal to it and longer; infusion; overlapping ones; modelled ones.
    for dose in [
        (1, 50.0, 0.0, 8.0),
        (3, 50.0, 0.0, 8.0),
        (3, 20.0, 0.0, 1.5),
        (3, 20.0, 0.0, 1.1),
        (3, 20.0, 0.0, 0.6),
        (2, 40.0, 10.0, 8.0),
        (2, 40.0, 4.0, 4.0),
        (2, 40.0, 2.2, 8.0),
        (2, 14.0, -1.0, 6.0),
        (2, 14.0, -2.0, 2.0),
        (3, 14.0, 3.0, 1.2),
    ] {
        // 1300 h, forty times the longer of its time constants.
        steady(LINEAR, dose, (1300.0 / dose.3) as u32);
    }
}

#[test]
fn a_nonlinear_steady_state_is_where_a_long_series_comes_to() {
    for dose in [(1, 40.0, 0.0, 12.0), (1, 60.0, 8.0, 9.0), (1, 60.0, 3.0, 9.0)] {
        steady(SATURABLE, dose, 500);
    }
}

#[test]
fn an_endless_infusion_has_its_closed_form() {
    // Michaelis-Menten: R = Vm c/(Km + c), so c = Km R/(Vm − R).
    let got = simulated(SATURABLE, "1,0,1,0,1,6,0,0,1\n1,0,0,0,0,0,0,0,0\n");
    close(&got, &[vec![2.0 * 6.0 / (10.0 - 6.0)]], "saturable");
    // Linear: c = R/CL, and the peripheral amount in proportion to the volumes.
    let got = simulated(LINEAR, "1,0,1,0,2,6,0,0,1\n1,0,0,0,0,0,0,0,0\n");
    close(&got, &[vec![2.0, 70.0, 0.0]], "linear");
}

#[test]
fn where_there_is_no_steady_state_it_is_said_which_state_has_none() {
    let job = |rows: &str| Job::new(&format!("{HEADER}{rows}"));
    // 120 mg each 8 h are more than 10 mg/h.
    let said = job("1,0,1,120,1,0,8,0,1\n").failure(SATURABLE);
    assert!(said.starts_with("there is no steady state: `a` still changes by"), "{said}");
    let said = job("1,0,1,0,1,12,0,0,1\n").failure(SATURABLE);
    assert!(said.starts_with("there is no steady state: `a` goes on changing"), "{said}");
    let kept = LINEAR.replace("(cl + q) / v * central", "q / v * central");
    let said = job("1,0,1,120,1,0,8,0,1\n").failure(&kept);
    assert!(said.contains("no steady state") && said.contains("takes away"), "{said}");
    let timed = LINEAR.replace("\"-ka * depot\"", "\"-ka * depot * (1 + t / (1 h))\"");
    let said = job("1,0,1,120,1,0,8,0,1\n").failure(&timed);
    assert!(said.contains("`depot` depends on the time"), "{said}");
}

#[test]
fn what_only_adds_up_is_left_out_of_a_steady_state() {
    // The area over one interval at steady state is F dose/CL.
    let got = simulated(LINEAR, "1,0,1,50,1,0,8,0,1\n1,0,0,0,0,0,0,0,0\n1,8,0,0,0,0,0,0,0\n");
    close(&[vec![got[0][2], got[1][2]]], &[vec![0.0, 0.8 * 50.0 / 3.0]], "area");
    // SS = 2 leaves it as it is.
    let rows = "1,0,1,50,1,0,8,1,1\n1,8,1,30,2,0,8,0,2\n1,8,0,0,0,0,0,0,0\n";
    close(&[vec![simulated(LINEAR, rows)[0][2]]], &[vec![0.8 * 50.0 / 3.0]], "area and SS = 2");
}

#[test]
fn a_steady_state_of_doses_without_number_fails_at_once() {
    let linear = model(LINEAR).expect("a model");
    // 1.5 h of lag, and 100 h of infusion, each with a dose every few milliseconds.
    for dose in ["1,0,1,10,3,0,1e-6,0,1", "1,0,1,100,2,1,1e-6,0,2"] {
        let (_, summary) =
            Job::new(&format!("{HEADER}{dose}\n1,1,0,0,0,0,0,0,0\n")).run(&linear).expect("a table");
        let (_, failure) = &summary.failures[0];
        assert!(failure.what.contains("doses under way at once"), "{failure:?}");
    }
}
