"""The texts of the page that compares models, by the names that its script calls them."""

from zoo.reporting.i18n.gettext import N_

WORDS = {
    "and": N_("%(first)s and %(last)s"),
    "or": N_("%(first)s or %(last)s"),
    "question": N_("%(first)s or %(last)s?"),
    "title": N_("Compare models"),
    "one_title": N_("%(model)s, or which other?"),
    "add": N_("Add a model (4 at most)"),
    "full": N_("Four models are the most"),
    "remove": N_("Remove %(model)s"),
    "unknown_name": N_("No model is called %(name)s."),
    "meant": N_("Did you mean"),
    "too_many": N_("Four models are the most. Left out: %(models)s."),
    "failed": N_("%(name)s could not be loaded: %(reason)s"),
    "second": N_("Add a second model."),
    "near": N_("Near it:"),
    "answer": N_("Which one for what"),
    "trade": N_("%(model)s against %(base)s: %(points)s for %(costs)s"),
    "trade_same": N_(
        "%(model)s against %(base)s: %(points)s, which %(images)s images cannot tell, for %(costs)s"
    ),
    "trade_costs": N_("%(model)s against %(base)s: %(costs)s"),
    "points": N_("%(points)s points"),
    "more_macs": N_("%(more)s MACs"),
    "more_parameters": N_("%(more)s parameters"),
    "equal_macs": N_("the same MACs"),
    "equal_parameters": N_("as many parameters"),
    "for_accuracy": N_("For accuracy, %(model)s."),
    "best": N_(
        "%(publisher)s publishes %(value)s %(metric)s on %(data)s, %(points)s points better than"
        " %(second)s."
    ),
    "best_several": N_(
        "%(value)s %(metric)s on %(data)s, %(points)s points better than %(second)s, as"
        " %(publishers)s publish."
    ),
    "best_here": N_(
        "%(value)s %(metric)s on %(data)s, evaluated here, %(points)s points better than"
        " %(second)s."
    ),
    "limit": N_("%(images)s images tell differences from %(least)s points on."),
    "limit_unknown": N_(
        "How many images that is, is not known here: less than %(least)s points decides nothing."
    ),
    "no_share": N_("It is no share of images, so nothing here tells which difference is chance."),
    "some_machine": N_("machine without a name"),
    "wrong_metric": N_("The published %(metric)s of %(models)s is wrong."),
    "lacks": N_("No %(metric)s of %(models)s is known here."),
    "value": N_("%(model)s %(value)s"),
    "accuracy_alike": N_("For accuracy, %(models)s alike."),
    "alike_values": N_("%(metric)s on %(data)s as published: %(values)s."),
    "alike_cheapest": N_("%(model)s does the least work of them, %(cost)s."),
    "unlike": N_("Accuracies of different data sets are not compared."),
    "stranger": N_("%(own)s, which is another data set and not compared."),
    "own_metric": N_("%(model)s: %(value)s %(metric)s on %(data)s"),
    "no_accuracy": N_("No winner for accuracy."),
    "no_accuracy_why": N_("No two of them have a number on one data set."),
    "no_data": N_("a data set without a name"),
    "for_costs": N_("For little memory and work, %(model)s."),
    "for_macs": N_("For little work, %(model)s."),
    "for_parameters": N_("For little memory, %(model)s."),
    "cost_macs": N_("%(cost)s"),
    "cost_parameters": N_("%(cost)s parameters"),
    "costs_least": N_("%(costs)s are the least, measured."),
    "costs_equal": N_("Memory and work are the same:"),
    "costs_missing": N_("Not measured here: %(models)s."),
    "no_costs": N_("No winner for memory and work."),
    "no_costs_why": N_("Fewer than two of them are measured here; zoo verify %(model)s does it."),
    "for_latency": N_("For %(device)s, %(model)s."),
    "latency_best": N_("%(ms)s against %(other)s of %(second)s, measured (%(setup)s)."),
    "latency_alike": N_("No winner for latency."),
    "latency_alike_why": N_("%(values)s: the intervals overlap (%(setup)s)."),
    "not_timed": N_("Not timed here: %(models)s."),
    "no_latency": N_("No winner for latency."),
    "no_latency_one": N_(
        "Only %(model)s was timed here, and no publisher reports two of them in one set-up."
    ),
    "no_latency_why": N_(
        "None of them was timed here; zoo bench %(model)s does it on your machine."
    ),
    "for_reported": N_("For a %(hardware)s, %(model)s, as reported."),
    "reported": N_(
        "%(publisher)s reports %(ms)s for %(model)s and %(other)s for %(second)s "
        "(%(setup)s); nobody timed them here."
    ),
    "reported_alike": N_("On a %(hardware)s, no winner."),
    "not_reported_of": N_("No time of %(models)s is reported."),
    "rule": N_("Only measured numbers win a cost."),
    "not_run_here": N_("No accuracy was evaluated here, so the best one is as published."),
    "run_here": N_("Accuracies were evaluated here."),
    "interval": N_(
        "A difference counts where its 95 %% interval (Newcombe) leaves out zero. It is "
        "that of separate images; all models saw the same, so it is on the safe side."
    ),
    "grey": N_("Grey: other models of %(families)s."),
    "another": N_("The name %(model)s builds %(another)s, so nothing is measured of it."),
    "chart": N_("%(metric)s against GMACs: %(models)s among their families"),
    "x_axis": N_("GMACs, measured, log scale"),
    "y_axis": N_("%(metric)s (published)"),
    "not_drawn": N_("Not drawn, for want of a measured cost or a right accuracy: %(models)s."),
    "side_by_side": N_("Side by side"),
    "measured": N_("measured"),
    "published": N_("published"),
    "evaluated": N_("evaluated here"),
    "bars_from": N_("bars from %(base)s"),
    "no_best": N_("%(images)s images cannot tell the best"),
    "best_mark": N_("best"),
    "not_measured": N_("not measured"),
    "no_claim": N_("no claim"),
    "reported_latency": N_("Latency, %(hardware)s"),
    "reported_about": N_("ms, %(setup)s, as %(publisher)s reports"),
    "not_reported": N_("not reported"),
    "least_reported": N_("least"),
    "batch": N_("batch %(batch)s"),
    "differs": N_("What differs"),
    "also_same": N_("also show what is the same, or known of one"),
    "not_stated": N_("not stated"),
    "code": N_("code"),
    "load": N_("Load"),
    "training_data": N_("Training data"),
    "licence": N_("Licence"),
    "family": N_("Family"),
}
