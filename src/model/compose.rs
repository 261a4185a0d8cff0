//! Modules put together: files loaded, names prefixed by the alias of their module, inputs bound.
//!
//! The result is a flat list of [`Instance`]s; [`super::resolve`] gives the names their meaning.

use super::card::{Card, load_card};
use super::declarations::{Declarations, Instance, Use, Written};
use super::definition::Model;
use super::extend::extend;
use super::loader::{Kind, Loader};
use super::read::declarations;
use super::resolve::resolve;
use crate::diagnostic::{Diagnostic, Sources, Span, Text, closest, has_errors};
use crate::document;

/// Loads and checks a model with all its modules. Every error found in every file is pushed; `None` if there was one.
///
/// A missing input of a model that stands alone is an error; a module meant for composition is looked at with
/// [`check_module`].
pub fn load(
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    checked(name, loader, sources, diagnostics, false)
}

/// As [`load`] for a module by itself: inputs that nothing binds are taken as given quantities.
pub fn check_module(
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    checked(name, loader, sources, diagnostics, true)
}

fn checked(
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
    alone: bool,
) -> Option<Model> {
    let mut own = Vec::new();
    let mut loading =
        Loading { loader, sources, diagnostics: &mut own, instances: Vec::new(), open: Vec::new() };
    loading.file(name, None, String::new(), None, Vec::new());
    let card = loading.card();
    let instances = loading.instances;
    let mut model = if instances.is_empty() { None } else { resolve(name, &instances, alone, &mut own) };
    if let Some(model) = &mut model {
        model.card = card;
    }
    let failed = has_errors(&own);
    diagnostics.append(&mut own);
    model.filter(|_| !failed)
}

struct Loading<'a> {
    loader: &'a dyn Loader,
    sources: &'a mut Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
    instances: Vec<Instance>,
    /// Files being read, outermost first, to find a module that uses itself.
    open: Vec<String>,
}

impl Loading<'_> {
    fn file(
        &mut self,
        name: &str,
        asked: Option<(Span, &str)>,
        prefix: String,
        parent: Option<usize>,
        bindings: Vec<(Text, Written)>,
    ) {
        let (shown, text) = match self.loader.load(Kind::Model, name, asked.map(|(_, file)| file)) {
            Ok(found) => found,
            Err(why) => {
                self.diagnostics.push(match asked {
                    Some((span, _)) => Diagnostic::error(why, span, "asked for here"),
                    None => Diagnostic::plain(why),
                });
                return;
            }
        };
        if self.open.contains(&shown) {
            let circle = format!("{} → {shown}", self.open.join(" → "));
            let message = format!("the module `{name}` uses itself: {circle}");
            self.diagnostics.push(match asked {
                Some((span, _)) => Diagnostic::error(message, span, "used again here"),
                None => Diagnostic::plain(message),
            });
            return;
        }
        let file = self.sources.add(&shown, &text);
        let Some(table) = document::parse(file, &text, self.diagnostics) else { return };
        let declared = declarations(table, self.diagnostics);
        let Some((declared, bases)) = self.extended(declared, &shown) else { return };
        let uses = declared.uses.clone();
        self.check_bindings(&bindings, &declared);
        self.instances.push(Instance { prefix: prefix.clone(), parent, declared, bindings });
        let me = self.instances.len() - 1;
        let opened = self.open.len();
        self.open.push(shown.clone());
        self.open.extend(bases);
        let mut aliases: Vec<&Text> = Vec::new();
        for Use { module, alias, inputs } in &uses {
            if let Some(first) = aliases.iter().find(|first| first.value == alias.value) {
                let message = format!("two modules are called `{}`", alias.value);
                self.diagnostics.push(
                    Diagnostic::error(message, alias.span, "again here").related(first.span, "first here"),
                );
                continue;
            }
            aliases.push(alias);
            let Some(module) = module else { continue };
            let prefix = format!("{prefix}{}.", alias.value);
            self.file(&module.value, Some((module.span, &shown)), prefix, Some(me), inputs.clone());
        }
        self.open.truncate(opened);
    }

    /// The card of the outermost file; those of its modules are not asked for.
    fn card(&mut self) -> Option<Card> {
        let named = self.instances.first()?.declared.card.clone()?;
        let beside = self.sources.name(named.span.file).to_owned();
        let (loader, sources) = (self.loader, &mut *self.sources);
        match load_card(&named.value, Some(&beside), loader, sources, self.diagnostics) {
            Ok(card) => card,
            Err(why) => {
                self.diagnostics.push(Diagnostic::error(why, named.span, "asked for here"));
                None
            }
        }
    }

    /// What a file declares together with the file that it extends, and the names of the files that it came from.
    fn extended(&mut self, mut declared: Declarations, shown: &str) -> Option<(Declarations, Vec<String>)> {
        let mut bases: Vec<String> = Vec::new();
        let mut beside = shown.to_owned();
        while let Some(base) = declared.extends.take() {
            let (found, text) = match self.loader.load(Kind::Model, &base.value, Some(&beside)) {
                Ok(found) => found,
                Err(why) => {
                    self.diagnostics.push(Diagnostic::error(why, base.span, "asked for here"));
                    return None;
                }
            };
            if found == shown || bases.contains(&found) || self.open.contains(&found) {
                let message = format!("the model `{}` extends itself", base.value);
                self.diagnostics.push(Diagnostic::error(message, base.span, "again here"));
                return None;
            }
            let file = self.sources.add(&found, &text);
            let table = document::parse(file, &text, self.diagnostics)?;
            let under = declarations(table, self.diagnostics);
            declared = extend(under, declared, self.diagnostics);
            beside.clone_from(&found);
            bases.push(found);
        }
        Some((declared, bases))
    }

    /// Bindings to inputs that the module does not have.
    fn check_bindings(&mut self, bindings: &[(Text, Written)], declared: &Declarations) {
        for (name, _) in bindings {
            let mut inputs = declared.inputs.iter().map(|(item, _)| item.name.value.as_str());
            if inputs.any(|input| input == name.value) {
                continue;
            }
            let finding = Diagnostic::error(
                format!("the module has no input `{}`", name.value),
                name.span,
                "no such input",
            );
            let names = declared.inputs.iter().map(|(item, _)| item.name.value.as_str());
            self.diagnostics.push(match closest(&name.value, names.clone()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("its inputs are: {}", names.collect::<Vec<_>>().join(", "))),
            });
        }
    }
}
