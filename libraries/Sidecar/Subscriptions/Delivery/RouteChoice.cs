using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Where rules send an event: to a path, nowhere (both null), or a rule failed, which ends the search.</summary>
internal readonly record struct RouteChoice(string? Path, string? Fault)
{
    private const string Variable = "event";

    /// <summary>The first rule that matches wins.</summary>
    /// <param name="event">What the rules call <c>event</c>: a CloudEvent, or in bulk the text of a raw value.</param>
    public static RouteChoice Of(IReadOnlyList<RouteRule> rules, in CelValue @event)
    {
        foreach (var rule in rules)
        {
            if (rule.Match is null)
                return new RouteChoice(rule.Path, null);
            var result = rule.Match.Evaluate(Variable, @event);
            if (result.IsTrue)
                return new RouteChoice(rule.Path, null);
            if (result.IsError)
                return new RouteChoice(null, result.AsString);
            if (!result.IsFalse)
                return new RouteChoice(null, $"the result of match expression {rule.Text} was not a boolean");
        }

        return default;
    }
}
