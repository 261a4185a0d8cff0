//! The names of what is estimated, with meaning and units: one table, in the order in which results are shown.
//!
//! Names are those that Phoenix WinNonlin and the R packages after it write, in capitals; CDISC's submission codes for
//! the same quantities stand in `docs/nca.md`.

/// The unit of a parameter, made of those of dose, concentration and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A number without unit.
    Number,
    /// Per cent.
    Percent,
    /// Powers of dose, concentration and time.
    Product(i32, i32, i32),
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Name, `AUCLAST`.
    pub name: &'static str,
    /// Unit.
    pub quantity: Quantity,
    /// Meaning.
    pub about: &'static str,
}

const TIME: Quantity = Quantity::Product(0, 0, 1);
const CONCENTRATION: Quantity = Quantity::Product(0, 1, 0);
const PER_TIME: Quantity = Quantity::Product(0, 0, -1);
const AREA: Quantity = Quantity::Product(0, 1, 1);
const MOMENT: Quantity = Quantity::Product(0, 1, 2);
const CONCENTRATION_PER_DOSE: Quantity = Quantity::Product(-1, 1, 0);
const AREA_PER_DOSE: Quantity = Quantity::Product(-1, 1, 1);
const CLEARANCE: Quantity = Quantity::Product(1, -1, -1);
const VOLUME: Quantity = Quantity::Product(1, -1, 0);

const fn row(name: &'static str, quantity: Quantity, about: &'static str) -> Parameter {
    Parameter { name, quantity, about }
}

/// Every parameter.
pub const PARAMETERS: &[Parameter] = &[
    row("TMAX", TIME, "time of the (first) largest concentration"),
    row("CMAX", CONCENTRATION, "largest concentration"),
    row("CMAX_D", CONCENTRATION_PER_DOSE, "CMAX over dose"),
    row("TLAG", TIME, "last time before the first positive concentration"),
    row("C0", CONCENTRATION, "concentration at the dose, of a bolus"),
    row("TLAST", TIME, "time of the last positive concentration"),
    row("CLAST", CONCENTRATION, "last positive concentration"),
    row("CLAST_PRED", CONCENTRATION, "concentration at TLAST on the line of the terminal phase"),
    row("AUCLAST", AREA, "area to TLAST"),
    row("AUCLAST_D", AREA_PER_DOSE, "AUCLAST over dose"),
    row("AUCALL", AREA, "area to the last sample"),
    row("NO_POINTS_LAMBDA_Z", Quantity::Number, "samples in the regression of the terminal phase"),
    row("LAMBDA_Z_LOWER", TIME, "time of the first of them"),
    row("LAMBDA_Z_UPPER", TIME, "time of the last of them"),
    row("RSQ", Quantity::Number, "r² of the regression"),
    row("RSQ_ADJUSTED", Quantity::Number, "r² adjusted for the number of samples"),
    row("LAMBDA_Z", PER_TIME, "rate constant of the terminal phase"),
    row(
        "LAMBDA_Z_INTERCEPT",
        Quantity::Number,
        "logarithm of the concentration that the line has at the dose",
    ),
    row("HL_LAMBDA_Z", TIME, "half-life of the terminal phase, ln 2/LAMBDA_Z"),
    row("SPAN", Quantity::Number, "half-lives that the regression covers"),
    row("AUCINF_OBS", AREA, "area to infinity, AUCLAST + CLAST/LAMBDA_Z"),
    row("AUCINF_PRED", AREA, "area to infinity, AUCLAST + CLAST_PRED/LAMBDA_Z"),
    row("AUCINF_D_OBS", AREA_PER_DOSE, "AUCINF_OBS over dose"),
    row("AUCINF_D_PRED", AREA_PER_DOSE, "AUCINF_PRED over dose"),
    row("AUC_PCTEXTRAP_OBS", Quantity::Percent, "part of AUCINF_OBS behind TLAST"),
    row("AUC_PCTEXTRAP_PRED", Quantity::Percent, "part of AUCINF_PRED behind TLAST"),
    row("AUC_PCTBACK_EXT_OBS", Quantity::Percent, "part of AUCINF_OBS before the first sample, of a bolus"),
    row("AUC_PCTBACK_EXT_PRED", Quantity::Percent, "part of AUCINF_PRED before the first sample, of a bolus"),
    row("AUMCLAST", MOMENT, "first moment to TLAST"),
    row("AUMCINF_OBS", MOMENT, "first moment to infinity, with CLAST"),
    row("AUMCINF_PRED", MOMENT, "first moment to infinity, with CLAST_PRED"),
    row("AUMC_PCTEXTRAP_OBS", Quantity::Percent, "part of AUMCINF_OBS behind TLAST"),
    row("AUMC_PCTEXTRAP_PRED", Quantity::Percent, "part of AUMCINF_PRED behind TLAST"),
    row("TAU", TIME, "dosing interval"),
    row("AUC_TAU", AREA, "area over the dosing interval"),
    row("AUC_TAU_D", AREA_PER_DOSE, "AUC_TAU over dose"),
    row("AUC_TAU_PCTEXTRAP", Quantity::Percent, "part of AUC_TAU behind TLAST"),
    row("AUMC_TAU", MOMENT, "first moment over the dosing interval"),
    row("TMIN", TIME, "time of the (first) smallest concentration of the dosing interval"),
    row("CMIN", CONCENTRATION, "smallest concentration of the dosing interval"),
    row("CTAU", CONCENTRATION, "concentration at the end of the dosing interval"),
    row("CAVG", CONCENTRATION, "average concentration, AUC_TAU/TAU"),
    row("FLUCTUATION_PCT", Quantity::Percent, "(CMAX − CMIN)/CAVG"),
    row("FLUCTUATION_PCT_TAU", Quantity::Percent, "(CMAX − CTAU)/CAVG"),
    row("SWING", Quantity::Number, "(CMAX − CMIN)/CMIN"),
    row("SWING_TAU", Quantity::Number, "(CMAX − CTAU)/CTAU"),
    row(
        "ACCUMULATION_INDEX",
        Quantity::Number,
        "accumulation expected from LAMBDA_Z, 1/(1 − exp(−LAMBDA_Z·TAU))",
    ),
    row("ARAUC", Quantity::Number, "accumulation ratio: AUC_TAU over that of the first dose"),
    row("ARAUCD", Quantity::Number, "accumulation ratio: AUC_TAU_D over that of the first dose"),
    row("ARCMAX", Quantity::Number, "accumulation ratio: CMAX over that of the first dose"),
    row("ARCMAXD", Quantity::Number, "accumulation ratio: CMAX_D over that of the first dose"),
    row("ARCTAU", Quantity::Number, "accumulation ratio: CTAU over that of the first dose"),
    row("CL_OBS", CLEARANCE, "clearance, dose/AUCINF_OBS"),
    row("CL_PRED", CLEARANCE, "clearance, dose/AUCINF_PRED"),
    row("CL_F_OBS", CLEARANCE, "clearance over bioavailability, dose/AUCINF_OBS"),
    row("CL_F_PRED", CLEARANCE, "clearance over bioavailability, dose/AUCINF_PRED"),
    row("VZ_OBS", VOLUME, "volume of the terminal phase, CL_OBS/LAMBDA_Z"),
    row("VZ_PRED", VOLUME, "volume of the terminal phase, CL_PRED/LAMBDA_Z"),
    row("VZ_F_OBS", VOLUME, "volume of the terminal phase over bioavailability, CL_F_OBS/LAMBDA_Z"),
    row("VZ_F_PRED", VOLUME, "volume of the terminal phase over bioavailability, CL_F_PRED/LAMBDA_Z"),
    row("CLSS", CLEARANCE, "clearance at steady state, dose/AUC_TAU"),
    row("CLSS_F", CLEARANCE, "clearance at steady state over bioavailability, dose/AUC_TAU"),
    row("VZ", VOLUME, "volume of the terminal phase at steady state, CLSS/LAMBDA_Z"),
    row("VZ_F", VOLUME, "volume of the terminal phase at steady state over bioavailability, CLSS_F/LAMBDA_Z"),
    row("MRTLAST", TIME, "mean residence time to TLAST"),
    row("MRTINF_OBS", TIME, "mean residence time to infinity, with CLAST"),
    row("MRTINF_PRED", TIME, "mean residence time to infinity, with CLAST_PRED"),
    row("VSS_OBS", VOLUME, "volume of distribution at steady state, MRTINF_OBS × clearance"),
    row("VSS_PRED", VOLUME, "volume of distribution at steady state, MRTINF_PRED × clearance"),
];

/// The parameter of a name.
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}
