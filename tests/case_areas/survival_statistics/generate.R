# Further cases of the area survival-statistics: random data, expected values by R's package survival.
# From the root of the project: Rscript tests/case_areas/survival_statistics/generate.R tests/cases/survival-statistics
library(survival)
folder <- commandArgs(TRUE)[1]
number <- function(x) ifelse(is.na(x) & !is.nan(x) | is.nan(x), "NA", ifelse(is.infinite(x), "Inf", sprintf("%.17g", x)))
quoted <- function(x) paste0("[", paste0('"', x, '"', collapse = ", "), "]")
case <- function(name, title, analysis, input, expected, keys, call, rel = 1e-9, abs = 1e-11) {
  dir.create(file.path(folder, name), showWarnings = FALSE, recursive = TRUE)
  write.csv(input, file.path(folder, name, "input.csv"), row.names = FALSE, quote = FALSE)
  out <- expected
  for (column in names(out)) if (is.double(out[[column]])) out[[column]] <- number(out[[column]])
  write.csv(out, file.path(folder, name, "expected.csv"), row.names = FALSE, quote = FALSE)
  writeLines(c(paste0('title = "', title, '"'), 'area = "survival-statistics"', paste0('case = "', name, '"'), "",
    "[analysis]", analysis, "", "[expected]", 'file = "expected.csv"', paste0("keys = ", quoted(keys)),
    paste0("values = ", quoted(setdiff(names(out), keys))),
    paste0('computed_by = "R 4.2.2, package survival 3.5-3: ', call, '"'), "",
    "[tolerance]", paste0("rel = ", format(rel, scientific = TRUE)), paste0("abs = ", format(abs, scientific = TRUE)), "",
    "[source]", 'licence = "CC0-1.0, computed for this project"',
    'origin = "random data of our own, tests/case_areas/survival_statistics/generate.R"'), file.path(folder, name, "case.toml"))
}
set.seed(20)
n <- 90
d <- data.frame(ID = 1:n, START = sample(c(0, 0, 0, 1:5), n, TRUE))
d$GROUP <- sample(c("A", "B", "C"), n, TRUE)
d$CENTRE <- sample(c("N", "S", "W"), n, TRUE)
d$AGE <- round(rnorm(n, 60, 9))
d$DOSE <- sample(c(0, 5, 10), n, TRUE)
followed <- sample(1:14, n, TRUE)
due <- ceiling(rexp(n, 0.09 * exp(0.1 * d$DOSE - 0.04 * (d$AGE - 60) + 0.4 * (d$GROUP == "B"))))
d$STOP <- d$START + pmin(due, followed)
d$EVENT <- as.integer(due <= followed)
d <- d[, c("ID", "START", "STOP", "EVENT", "GROUP", "CENTRE", "AGE", "DOSE")]
d$CAUSE <- d$EVENT * sample(1:3, n, TRUE)
S <- with(d, Surv(START, STOP, EVENT))

curves <- NULL
for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
  s <- summary(survfit(S ~ GROUP, d, conf.type = type, conf.int = 0.9, timefix = FALSE), censored = TRUE)
  curves <- rbind(curves, data.frame(GROUP = sub("GROUP=", "", s$strata), CONF_TYPE = type, TIME = s$time,
    N_RISK = s$n.risk, N_EVENT = s$n.event, N_CENSOR = s$n.censor, SURV = s$surv, STDERR = s$std.err, LOWER = s$lower, UPPER = s$upper))
}
curves$STDERR[curves$SURV == 0] <- NA
# Where the survival is 1 or 0 the kinds of limits differ in what R prints; the shared cases decide that.
curves <- curves[curves$SURV > 0 & curves$SURV < 1, ]
case("r-km-late-entry-limits", "Kaplan-Meier with late entry in three groups, five kinds of limits",
  c('method = "kaplan-meier"', 'start = "START"', 'stop = "STOP"', 'status = "EVENT"', 'event_code = 1', 'group = "GROUP"',
    'conf_types = ["plain", "log", "log-log", "logit", "arcsin"]', 'conf_level = 0.9'),
  d, curves, c("GROUP", "CONF_TYPE", "TIME"), "survfit(Surv(START, STOP, EVENT) ~ GROUP, conf.type = , conf.int = 0.9)")

quantiles <- NULL
for (type in c("plain", "log", "log-log")) {
  q <- quantile(survfit(S ~ GROUP, d, conf.type = type), c(0.1, 0.25, 0.5, 0.6, 0.75))
  for (g in 1:3) quantiles <- rbind(quantiles, data.frame(GROUP = LETTERS[g], CONF_TYPE = type, P = c(0.1, 0.25, 0.5, 0.6, 0.75),
    QUANTILE = q$quantile[g, ], LOWER = q$lower[g, ], UPPER = q$upper[g, ]))
}
case("r-km-late-entry-quantiles", "Quantiles of survival with late entry",
  c('method = "kaplan-meier-quantiles"', 'start = "START"', 'stop = "STOP"', 'status = "EVENT"', 'event_code = 1', 'group = "GROUP"',
    'conf_types = ["plain", "log", "log-log"]', 'p = [0.1, 0.25, 0.5, 0.6, 0.75]'),
  d, quantiles, c("GROUP", "CONF_TYPE", "P"), "quantile(survfit(...))")

hazards <- NULL
for (ctype in 1:2) {
  s <- survfit(S ~ GROUP, d, ctype = ctype)
  hazards <- rbind(hazards, data.frame(GROUP = rep(LETTERS[1:3], s$strata),
    ESTIMATOR = c("nelson-aalen", "fleming-harrington")[ctype], TIME = s$time, NA_CUMHAZ = s$cumhaz, SE = s$std.chaz))
}
case("r-cumulative-hazard-late-entry", "Nelson-Aalen and Fleming-Harrington with late entry",
  c('method = "nelson-aalen"', 'start = "START"', 'stop = "STOP"', 'status = "EVENT"', 'event_code = 1', 'group = "GROUP"',
    'estimator = ["nelson-aalen", "fleming-harrington"]'),
  d, hazards, c("GROUP", "ESTIMATOR", "TIME"), "survfit(Surv(START, STOP, EVENT) ~ GROUP, ctype = 1 and 2)")

test <- NULL
for (rho in c(0, 1, 0.5)) {
  s <- survdiff(Surv(STOP, EVENT) ~ GROUP + strata(CENTRE), d, rho = rho)
  test <- rbind(test, data.frame(RHO = rho, GROUP = LETTERS[1:3], N = as.integer(s$n), OBS = rowSums(s$obs), EXP = rowSums(s$exp),
    VAR = diag(s$var), CHISQ = s$chisq, DF = 2L, P = pchisq(s$chisq, 2, lower.tail = FALSE)))
}
case("r-log-rank-strata", "Log-rank test of three groups in three strata",
  c('method = "log-rank"', 'time = "STOP"', 'status = "EVENT"', 'event_code = 1', 'group = "GROUP"', 'strata = "CENTRE"', 'rho = [0, 1, 0.5]'),
  d, test, c("RHO", "GROUP"), "survdiff(Surv(STOP, EVENT) ~ GROUP + strata(CENTRE), rho = )")

# Counting process: each subject may have two rows, the dose changing at day 4.
long <- survSplit(Surv(START, STOP, EVENT) ~ ., d, cut = 4)
later <- long$START >= 4
long$DOSE[later] <- 10 - long$DOSE[later]
long <- long[, c("ID", "START", "STOP", "EVENT", "CENTRE", "AGE", "DOSE")]
regression <- function(data, formula, types = c("efron", "breslow", "exact")) {
  out <- NULL
  for (ties in types) {
    f <- coxph(formula, data, ties = ties, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
    # Exact ties of a counting process come back without their class: everything is taken from the parts.
    b <- f$coefficients
    se <- sqrt(diag(f$var))
    lrt <- 2 * diff(f$loglik)
    out <- rbind(out, data.frame(TIES = ties, TERM = names(b), COEF = b, HR = exp(b), SE = se, LOWER95 = exp(b - qnorm(0.975) * se),
      UPPER95 = exp(b + qnorm(0.975) * se), P = pchisq((b / se)^2, 1, lower.tail = FALSE), LOGLIK0 = f$loglik[1], LOGLIK = f$loglik[2],
      WALD = unname(f$wald.test), SCORE = f$score, LRT = lrt, P_LRT = pchisq(lrt, length(b), lower.tail = FALSE), N = f$n,
      NEVENT = as.integer(f$nevent)))
  }
  out
}
case("r-cox-start-stop-strata", "Cox regression on a counting process with strata, three kinds of ties",
  c('method = "cox"', 'start = "START"', 'stop = "STOP"', 'status = "EVENT"', 'event_code = 1', 'covariates = ["AGE", "DOSE"]',
    'strata = "CENTRE"', 'ties = ["efron", "breslow", "exact"]'),
  long, regression(long, Surv(START, STOP, EVENT) ~ AGE + DOSE + strata(CENTRE)), c("TIES", "TERM"),
  "coxph(Surv(START, STOP, EVENT) ~ AGE + DOSE + strata(CENTRE), ties = )", 1e-8, 1e-10)
case("r-cox-right-censored", "Cox regression with heavy ties, three kinds of ties",
  c('method = "cox"', 'time = "STOP"', 'status = "EVENT"', 'event_code = 1', 'covariates = ["AGE", "DOSE"]',
    'ties = ["efron", "breslow", "exact"]'),
  d, regression(d, Surv(STOP, EVENT) ~ AGE + DOSE), c("TIES", "TERM"),
  "coxph(Surv(STOP, EVENT) ~ AGE + DOSE, ties = )", 1e-8, 1e-10)

means <- NULL
for (tau in c(3, 7.5, 12)) {
  s <- summary(survfit(S ~ GROUP, d), rmean = tau)$table
  means <- rbind(means, data.frame(GROUP = LETTERS[1:3], TAU = tau, RMST = s[, "rmean"], SE = s[, "se(rmean)"]))
}
case("r-restricted-mean", "Restricted mean survival time with late entry",
  c('method = "rmst"', 'start = "START"', 'stop = "STOP"', 'status = "EVENT"', 'event_code = 1', 'group = "GROUP"', 'tau = [3, 7.5, 12]'),
  d, means, c("GROUP", "TAU"), "summary(survfit(Surv(START, STOP, EVENT) ~ GROUP), rmean = tau)$table")

incidence <- NULL
for (g in LETTERS[1:3]) {
  own <- d[d$GROUP == g, ]
  s <- survfit(Surv(START, STOP, factor(CAUSE, 0:3)) ~ 1, own, id = ID)
  incidence <- rbind(incidence, data.frame(GROUP = g, TIME = s$time, P_STATE0 = s$pstate[, 1], CIF_1 = s$pstate[, 2],
    CIF_2 = s$pstate[, 3], CIF_3 = s$pstate[, 4], SE_STATE0 = s$std.err[, 1], SE_1 = s$std.err[, 2], SE_2 = s$std.err[, 3], SE_3 = s$std.err[, 4]))
}
case("r-aalen-johansen-late-entry", "Three competing events with late entry",
  c('method = "aalen-johansen"', 'start = "START"', 'stop = "STOP"', 'status = "CAUSE"', 'codes = [1, 2, 3]', 'group = "GROUP"', 'id = "ID"'),
  d, incidence, c("GROUP", "TIME"), "survfit(Surv(START, STOP, factor(CAUSE)) ~ 1, id = ID)")

times <- NULL
for (dist in c("exponential", "weibull")) {
  f <- survreg(Surv(STOP, EVENT) ~ AGE + DOSE, d, dist = dist, control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))
  terms <- c("(Intercept)", "AGE", "DOSE", if (dist == "weibull") "Log(scale)")
  times <- rbind(times, data.frame(DIST = dist, TERM = terms, COEF = c(coef(f), if (dist == "weibull") log(f$scale)),
    SE = sqrt(diag(vcov(f))), SCALE = f$scale, LOGLIK0 = f$loglik[1], LOGLIK = f$loglik[2], LRT = 2 * diff(f$loglik)))
}
case("r-accelerated-failure-time", "Exponential and Weibull regression",
  c('method = "aft"', 'time = "STOP"', 'status = "EVENT"', 'event_code = 1', 'covariates = ["AGE", "DOSE"]', 'distribution = ["exponential", "weibull"]'),
  d, times, c("DIST", "TERM"), "survreg(Surv(STOP, EVENT) ~ AGE + DOSE, dist = )", 1e-8, 1e-10)

counts <- data.frame(X = c(0, 3, 10, 81, 36), N = c(7, 10, 10, 263, 50))
limits <- function(level) t(mapply(function(x, n) prop.test(x, n, conf.level = level, correct = FALSE)$conf.int, counts$X, counts$N))
wilson <- data.frame(counts, WILSON95_L = suppressWarnings(limits(0.95))[, 1], WILSON95_U = suppressWarnings(limits(0.95))[, 2],
  WILSON90_L = suppressWarnings(limits(0.9))[, 1], WILSON90_U = suppressWarnings(limits(0.9))[, 2])
case("r-binomial-wilson", "Wilson limits of a proportion", c('method = "wilson"', "levels = [0.95, 0.9]"), counts, wilson, c("X", "N"),
  "prop.test(correct = FALSE)")
