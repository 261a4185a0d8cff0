//! Standard deviations of the random effects, and their correlations.

use super::check::{check_expression, constant};
use super::declarations::{Spread, Written};
use super::declare::{Resolver, coherent_unit, effect_name};
use super::definition::Correlation;
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Span, closest};

impl Resolver<'_> {
    /// Standard deviations, and the blocks that give them.
    pub fn effects(&mut self) {
        let instances = self.instances;
        let mut index = 0;
        for (scope, instance) in instances.iter().enumerate() {
            let individuals = instance.declared.individuals.iter().map(|individual| &individual.effect);
            let bare = instance.declared.effects.iter().chain(&instance.declared.occasion_effects);
            for effect in individuals.chain(bare) {
                match &effect.spread {
                    Some(Spread::Omega(omega)) => self.model.random_effects[index].omega = *omega,
                    Some(Spread::Sd(written)) => self.standard_deviation(scope, index, written),
                    None => {}
                }
                index += 1;
            }
        }
        for instance in instances {
            for (names, matrix, _) in &instance.declared.covariances {
                let found: Vec<Option<usize>> =
                    names.iter().map(|name| self.effect(&instance.prefix, &name.value, name.span)).collect();
                for (i, a) in found.iter().enumerate() {
                    let Some(a) = *a else { continue };
                    if !self.model.random_effects[a].omega.is_nan() {
                        self.diagnostics.push(given_twice(&names[i].value, names[i].span));
                        continue;
                    }
                    self.model.random_effects[a].omega = matrix[i][i].sqrt();
                    for (j, b) in found.iter().enumerate().take(i) {
                        let Some(b) = *b else { continue };
                        let value = matrix[i][j] / (matrix[i][i] * matrix[j][j]).sqrt();
                        let span = names[i].span;
                        if self.of_two_kinds((b, a), value, span) {
                            continue;
                        }
                        self.model.correlations.push(Correlation { between: (b, a), value, span });
                    }
                }
            }
        }
        for effect in &self.model.random_effects {
            if effect.omega.is_nan() {
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("the spread of `{}` is not given", effect.symbol()),
                        effect.span,
                        "needs a spread",
                    )
                    .help("give `omega` (SD on the log scale), `cv = \"30 %\"`, `sd`, or a [[covariance]] block"),
                );
            }
        }
    }

    fn standard_deviation(&mut self, scope: usize, index: usize, written: &Written) {
        let mut names = Scope { resolver: self, scope };
        let mut said = Vec::new();
        let Some(checked) = check_expression(&written.tree, &mut names, None, &mut said) else {
            self.diagnostics.append(&mut said);
            return;
        };
        let Some(value) = constant(&checked.formula).filter(|value| *value >= 0.0) else {
            self.diagnostics.push(
                Diagnostic::error(
                    "a standard deviation is a constant, not negative",
                    written.tree.span,
                    "here",
                )
                .help("write a quantity such as `sd = \"1.6 g/dL\"`"),
            );
            return;
        };
        self.model.random_effects[index].omega = value;
        self.model.random_effects[index].unit = coherent_unit(checked.dimension);
        self.effect_dimensions[index] = checked.dimension;
    }

    /// A random effect by its name, with or without `eta.`; effects of occasions have `kappa.` in front, behind the alias of
    /// their module or before it.
    fn effect(&mut self, prefix: &str, name: &str, span: Span) -> Option<usize> {
        let bare = name.strip_prefix("eta.").unwrap_or(name);
        let inner = || name.split_once(".kappa.").map(|(alias, rest)| format!("{alias}.{rest}"));
        let occasion = bare.strip_prefix("kappa.").map(str::to_owned).or_else(inner);
        let full = effect_name(occasion.is_some(), prefix, occasion.as_deref().unwrap_or(bare));
        let found = self.model.random_effects.iter().position(|effect| effect.name == full);
        if found.is_none() {
            let names = self.model.random_effects.iter().map(|effect| effect.name.as_str());
            let finding =
                Diagnostic::error(format!("`{full}` has no random effect"), span, "no such random effect");
            self.diagnostics.push(match closest(&full, names) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("declare it in [individual], [variability] or [occasion_variability]"),
            });
        }
        found
    }

    /// Whether one of two effects belongs to the patient and the other to an occasion: those are independent, and have no
    /// correlation but 0.
    fn of_two_kinds(&mut self, (a, b): (usize, usize), correlation: f64, span: Span) -> bool {
        let effects = &self.model.random_effects;
        let differ = effects[a].by_occasion != effects[b].by_occasion;
        if differ && correlation != 0.0 {
            let message =
                format!("`{}` and `{}` cannot be correlated", effects[a].symbol(), effects[b].symbol());
            self.diagnostics.push(
                Diagnostic::error(message, span, "between a patient and an occasion").help(
                    "an effect of occasions is drawn anew on each, independently of those of the patient; correlate `eta.` with \
                     `eta.`, `kappa.` with `kappa.`",
                ),
            );
        }
        differ
    }

    pub fn correlations(&mut self) {
        let instances = self.instances;
        for instance in instances {
            for (a, b, value) in &instance.declared.correlations {
                let first = self.effect(&instance.prefix, &a.value, a.span);
                let second = self.effect(&instance.prefix, &b.value, b.span);
                let (Some(first), Some(second)) = (first, second) else { continue };
                if first == second {
                    let message = format!("`{}` is correlated with itself", a.value);
                    self.diagnostics.push(Diagnostic::error(message, b.span, "the same effect"));
                    continue;
                }
                if self.of_two_kinds((first, second), value.value, b.span) {
                    continue;
                }
                let between = (first.min(second), first.max(second));
                if let Some(known) = self.model.correlations.iter().find(|known| known.between == between) {
                    self.diagnostics.push(
                        Diagnostic::error("this correlation is given twice", value.span, "again here")
                            .related(known.span, "first here"),
                    );
                    continue;
                }
                let correlation = Correlation { between, value: value.value, span: value.span };
                self.model.correlations.push(correlation);
            }
        }
    }
}

/// A spread that an effect has already, by itself or by another block.
fn given_twice(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(format!("the spread of `{name}` is given twice"), span, "and by this block").help(
        "take `omega`, `cv` or `sd` away where the effect is declared, or the name out of one of the blocks",
    )
}
