//! From a [`Model`] to a [`Program`].
//!
//! Population parameters are constants here (a scenario's overrides are already in the model), so that whatever
//! depends on them alone is folded; what depends on the patient's covariates, random effects and controls is evaluated
//! once per patient and control change; only the rest is evaluated at each step.

use super::assemble::{Derivative, composed_routines, derivatives, finished, instruction, routine};
use super::compiled::{LinearSystem, Program, RouteRegisters};
use super::composed::{Composed, compose};
use super::graph::{Graph, Level, Node, NodeId};
use super::inputs::{Dosing, Inputs, Reads, reads};
use super::linear::{ChainNodes, find_chains, take_out, upstream};
use super::routine::Routine;
use super::systems::{SystemNodes, find_systems};
use crate::math::processor::Processor;
use crate::model::{Formula, Model, Symbol};

impl Program {
    /// Compiles a checked model. Cannot fail: everything that can be wrong was found by the checker.
    pub fn compile(model: &Model) -> Self {
        Self::compile_with(model, Inputs::default())
    }
    /// As [`Program::compile`], with further inputs, and without what will not come.
    pub fn compile_with(model: &Model, inputs: Inputs) -> Self {
        let resting = resting(model, &inputs);
        Compiler::new(model, inputs, resting).finish()
    }
}

struct Compiler<'m> {
    model: &'m Model,
    graph: Graph,
    brought: Inputs,
    inputs: [NodeId; 7],
    equations: Vec<NodeId>,
    /// The equations at a record, where a covariate that runs on a line has its value there.
    settled: Vec<NodeId>,
    /// Which of the two is meant at present.
    at_record: bool,
    /// States that stay empty.
    resting: Vec<bool>,
}

/// The states that stay empty: empty at the start, with no dose that comes and no inflow but from others of the kind. Cumulative
/// hazards are watched by the solver and never count among them.
fn resting(model: &Model, inputs: &Inputs) -> Vec<bool> {
    if inputs.dosing.is_empty() {
        return vec![false; model.states.len()];
    }
    let dosed = inputs.destinations(model, Dosing::AtOnce);
    let watched = |state: usize| model.hazards.iter().any(|hazard| hazard.state == state);
    let mut resting: Vec<bool> = (0..dosed.len()).map(|state| !dosed[state] && !watched(state)).collect();
    loop {
        let mut compiler = Compiler::new(model, inputs.clone(), resting.clone());
        let mut is_zero = |formula: &Formula| {
            let node = compiler.formula(formula);
            compiler.graph.value(node) == Some(0.0)
        };
        let stays = model.states.iter().map(|state| is_zero(&state.initial) && is_zero(&state.rate));
        let left: Vec<bool> = stays.zip(&resting).map(|(stays, resting)| stays && *resting).collect();
        if left == resting {
            return resting;
        }
        resting = left;
    }
}

impl<'m> Compiler<'m> {
    fn new(model: &'m Model, brought: Inputs, resting: Vec<bool>) -> Self {
        let mut graph = Graph::default();
        // Inputs first and in runs, so that their registers are contiguous.
        let time = graph.enter(Node::Time);
        let mut run = |count: usize, node: fn(u32) -> Node| {
            let first = NodeId(graph.nodes().len() as u32);
            for index in 0..count {
                graph.enter(node(index as u32));
            }
            first
        };
        let covariates = run(model.covariates.len() + brought.given.len(), Node::Covariate);
        let controls = run(model.controls.len(), Node::Control);
        let random_effects = run(model.random_effects.len(), Node::RandomEffect);
        let states = run(model.states.len(), Node::State);
        let slopes = run(brought.linear.len(), Node::Slope);
        let anchor = run(usize::from(!brought.linear.is_empty()), |_| Node::Anchor);
        let inputs = [time, covariates, controls, random_effects, states, slopes, anchor];
        let equations = vec![graph.constant(f64::NAN); model.equations.len()];
        let settled = equations.clone();
        let mut compiler =
            Self { model, graph, brought, inputs, equations, settled, at_record: true, resting };
        compiler.settled = compiler.all_equations();
        compiler.at_record = false;
        compiler.equations = compiler.all_equations();
        compiler
    }

    fn all_equations(&mut self) -> Vec<NodeId> {
        for &index in &self.model.equation_order {
            let node = match self.brought.place(Symbol::Equation(index), self.model.covariates.len()) {
                Some(place) => self.graph.enter(Node::Covariate(place as u32)),
                None => self.formula(&self.model.equations[index].formula),
            };
            (if self.at_record { &mut self.settled } else { &mut self.equations })[index] = node;
        }
        if self.at_record { self.settled.clone() } else { self.equations.clone() }
    }

    fn formula(&mut self, formula: &Formula) -> NodeId {
        match formula {
            Formula::Constant(value) => self.graph.constant(*value),
            Formula::Symbol(symbol) => self.symbol(*symbol),
            Formula::Unary(operation, x) => {
                let x = self.formula(x);
                self.graph.unary(*operation, x)
            }
            Formula::Binary(operation, a, b) => {
                let (a, b) = (self.formula(a), self.formula(b));
                self.graph.binary(*operation, a, b)
            }
            Formula::Select(condition, yes, no) => {
                let condition = self.formula(condition);
                let (yes, no) = (self.formula(yes), self.formula(no));
                self.graph.select(condition, yes, no)
            }
        }
    }

    fn symbol(&mut self, symbol: Symbol) -> NodeId {
        match symbol {
            Symbol::Time => self.graph.enter(Node::Time),
            Symbol::Covariate(i) if self.at_record => self.graph.enter(Node::Covariate(i as u32)),
            Symbol::Covariate(i) => self.brought.covariate(&mut self.graph, i),
            Symbol::Parameter(i) => match self.brought.place(symbol, self.model.covariates.len()) {
                Some(place) => self.graph.enter(Node::Covariate(place as u32)),
                None => self.graph.constant(self.model.parameters[i].value),
            },
            Symbol::Control(i) if self.brought.fixed.contains(&i) => {
                self.graph.constant(self.model.controls[i].value)
            }
            Symbol::Control(i) => self.graph.enter(Node::Control(i as u32)),
            Symbol::RandomEffect(i) => self.graph.enter(Node::RandomEffect(i as u32)),
            Symbol::Equation(i) if self.at_record => self.settled[i],
            Symbol::Equation(i) => self.equations[i],
            Symbol::State(i) if self.resting[i] => self.graph.enter(Node::Nothing),
            Symbol::State(i) => self.graph.enter(Node::State(i as u32)),
            Symbol::Output(i) => self.formula(&self.model.outputs[i].formula),
            // Conditions of a scenario are walked at visits, never compiled into a model's program.
            Symbol::Memory(_) | Symbol::Signal(_) | Symbol::Trial(_) => self.graph.constant(f64::NAN),
        }
    }

    fn formulas<'f>(&mut self, formulas: impl Iterator<Item = &'f Formula>) -> Vec<NodeId> {
        formulas.map(|formula| self.formula(formula)).collect()
    }

    fn finish(mut self) -> Program {
        let model = self.model;
        let rates = self.formulas(model.states.iter().map(|state| &state.rate));
        let outputs = self.formulas(model.outputs.iter().map(|output| &output.formula));
        let guards =
            model.divisor_volumes().into_iter().map(|symbol| (symbol, self.symbol(symbol))).collect();
        self.at_record = true;
        let settled = self.formulas(model.states.iter().map(|state| &state.rate));
        let reads = settled.iter().map(|&rate| reads(&self.graph, rate, model.states.len())).collect();
        let initial = self.formulas(model.states.iter().map(|state| &state.initial));
        let requirements = self.formulas(model.requirements.iter().map(|requirement| &requirement.condition));
        let bounds = model.random_effects.iter().map(|effect| {
            let mut bound = |formula: &Option<Formula>, open: f64| match formula {
                Some(formula) => self.formula(formula).0,
                None => self.graph.constant(open).0,
            };
            (bound(&effect.lower, f64::NEG_INFINITY), bound(&effect.upper, f64::INFINITY))
        });
        let bounds: Vec<(u32, u32)> = bounds.collect();
        let residuals = model.outputs.iter().map(|output| {
            let mut part = |formula: Option<&Formula>| match formula {
                Some(formula) => self.formula(formula).0,
                None => self.graph.constant(0.0).0,
            };
            let error = output.error.as_ref();
            [
                part(error.and_then(|error| error.proportional.as_ref())),
                part(error.and_then(|error| error.additive.as_ref())),
                part(error.and_then(|error| error.exponential.as_ref())),
            ]
        });
        let residuals: Vec<[u32; 3]> = residuals.collect();
        let routes = model.routes.iter().map(|route| RouteRegisters {
            lag: self.formula(&route.lag).0,
            fractions: route.into.iter().map(|into| self.formula(&into.fraction).0).collect(),
            duration: route.duration.as_ref().map(|duration| self.formula(duration).0),
            rate: route.rate.as_ref().map(|rate| self.formula(rate).0),
        });
        let routes: Vec<RouteRegisters> = routes.collect();
        let infusible = self.brought.destinations(model, Dosing::Any);
        let (chains, systems, remainder) = self.closed_forms(&rates, &infusible);
        let composed =
            compose(&mut self.graph, (&chains, &systems), &remainder, &outputs, [&infusible, &self.resting]);
        let derivatives = derivatives(&mut self.graph, &composed.rates);
        self.assemble(Parts {
            rates,
            composed,
            derivatives,
            initial,
            outputs,
            guards,
            requirements,
            bounds,
            residuals,
            routes,
            chains,
            systems,
            reads,
        })
    }

    /// States with a closed form, and the rates that are left.
    fn closed_forms(
        &mut self,
        rates: &[NodeId],
        infusible: &[bool],
    ) -> (Vec<ChainNodes>, Vec<SystemNodes>, Vec<NodeId>) {
        // What stays empty needs no form, and the solver itself watches cumulative hazards.
        let mut integrated = self.resting.clone();
        for hazard in &self.model.hazards {
            integrated[hazard.state] = true;
        }
        let mut chains = find_chains(&mut self.graph, rates);
        let systems = find_systems(&mut self.graph, rates, &chains, infusible, &integrated);
        let in_system = |state: &usize| systems.iter().any(|found| found.states.contains(state));
        chains.retain(|found| !found.chain.states.iter().any(in_system));
        let in_chain = |state: &usize| chains.iter().any(|found| found.chain.states.contains(state));
        let closed: Vec<bool> = (0..rates.len()).map(|state| in_system(&state) || in_chain(&state)).collect();
        let remainder = take_out(&mut self.graph, rates, &mut chains, &closed);
        (chains, systems, remainder)
    }

    fn assemble(self, parts: Parts) -> Program {
        let graph = &self.graph;
        let model = self.model;
        let constant = |id: NodeId| (graph.level(id) <= Level::Patient).then_some(id.0);
        let nodes = 0..graph.nodes().len() as u32;
        let hoisted = nodes.filter(|id| graph.level(NodeId(*id)) == Level::Patient);
        let register = |node: &Node| match node {
            Node::Constant(bits) => f64::from_bits(*bits),
            _ => 0.0,
        };
        let varying = |(_, id): &(Symbol, NodeId)| graph.level(*id) == Level::Varying;
        let (guarded, guards): (Vec<Symbol>, Vec<NodeId>) = parts.guards.into_iter().filter(varying).unzip();
        let numbers = |ids: &[NodeId]| -> Vec<u32> { ids.iter().map(|id| id.0).collect() };
        let [time, covariates, controls, random_effects, states, slopes, anchor] = self.inputs.map(|id| id.0);
        let brought = model.covariates.len() + self.brought.given.len();
        let lengths = [brought, model.controls.len(), model.random_effects.len(), model.states.len()];
        Program {
            registers: graph.nodes().iter().map(register).collect(),
            time,
            covariates,
            controls,
            random_effects,
            states,
            counts: lengths,
            control_defaults: model.controls.iter().map(|control| control.value).collect(),
            hoisted: Routine::new(
                hoisted.filter_map(|id| instruction(graph, NodeId(id))).collect(),
                Vec::new(),
            ),
            rates: finished(routine(graph, &parts.rates)),
            composed: composed_routines(graph, parts.composed, &parts.derivatives),
            outputs: finished(routine(graph, &parts.outputs)),
            guards: finished(routine(graph, &guards)),
            guarded,
            initial: numbers(&parts.initial),
            requirements: numbers(&parts.requirements),
            bounds: parts.bounds,
            residuals: parts.residuals,
            routes: parts.routes,
            equations: self.equations.iter().map(|id| constant(*id)).collect(),
            constant_outputs: parts.outputs.iter().map(|id| constant(*id)).collect(),
            parameters: model.parameters.iter().map(|parameter| parameter.value).collect(),
            systems: parts.systems.into_iter().map(LinearSystem::new).collect(),
            chains: parts.chains.iter().map(|found| found.chain.clone()).collect(),
            upstream: upstream(&parts.chains, &parts.reads),
            inputs: self.brought.clone(),
            slopes,
            anchor,
            reads: parts.reads,
            chain_registers: parts
                .chains
                .iter()
                .map(|found| (found.rate.0, numbers(&found.shares)))
                .collect(),
            processor: Processor::detect(),
        }
    }
}

/// Nodes of everything a program answers.
struct Parts {
    rates: Vec<NodeId>,
    composed: Composed,
    derivatives: Vec<Derivative>,
    initial: Vec<NodeId>,
    outputs: Vec<NodeId>,
    guards: Vec<(Symbol, NodeId)>,
    requirements: Vec<NodeId>,
    bounds: Vec<(u32, u32)>,
    residuals: Vec<[u32; 3]>,
    routes: Vec<RouteRegisters>,
    chains: Vec<ChainNodes>,
    systems: Vec<SystemNodes>,
    reads: Vec<Reads>,
}
