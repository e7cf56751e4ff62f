using System.Globalization;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>
/// Raises and clears alerts by the rates of groups. An alert is raised once and stays until its rate has been well below what raised
/// it for a while: a rate that swings around a threshold is told once. Begins where an earlier one ended. Not thread-safe.
/// </summary>
internal sealed class AlertJudge
{
    private readonly IReadOnlyList<AlertRule> _rules;
    private readonly Dictionary<(string Rule, string Topic, string? Fingerprint), RaisedAlert> _raised = [];

    public AlertJudge(IReadOnlyList<AlertRule> rules, IReadOnlyList<RaisedAlert>? raised = null)
    {
        _rules = rules;
        foreach (var earlier in raised ?? [])
            _raised[(earlier.Alert.Rule, earlier.Alert.Topic, earlier.Alert.Fingerprint)] = earlier;
    }

    public IReadOnlyList<Alert> Active => [.. _raised.Values.Select(raised => raised.Alert)];

    /// <summary>What the next one begins with.</summary>
    public IReadOnlyList<RaisedAlert> Raised => [.. _raised.Values];

    /// <summary>Whether anything but rates has changed since the last look began.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>Looks at the rates; returns what was raised or cleared by it.</summary>
    public IReadOnlyList<Alert> Judge(IReadOnlyList<LetterGroup> groups, DateTimeOffset now)
    {
        var changes = new List<Alert>();
        HasChanged = false;
        var seen = new HashSet<(string Rule, string Topic, string? Fingerprint)>();
        foreach (var rule in _rules)
        {
            foreach (var (topic, fingerprint, five, hour) in Scopes(rule, groups))
            {
                var place = (rule.Name, topic, fingerprint);
                seen.Add(place);
                var (rate, before) = (five / 5.0, Math.Max(0, hour - five) / 55.0);
                if (_raised.TryGetValue(place, out var raised))
                {
                    Follow(rule, place, raised, rate);
                }
                else if (Threshold(rule, rate, before) is { } threshold)
                {
                    var alert = new Alert(rule.Name, "raised", rule.Scope, topic, fingerprint, rate, threshold, before, now, null);
                    _raised[place] = new RaisedAlert(alert, null);
                    changes.Add(alert);
                }
            }
        }

        foreach (var (place, raised) in _raised.Where(pair => !seen.Contains(pair.Key)).ToArray())
        {
            // A topic or group whose letters are all gone has no rate any more. Where no rule is for it any more, nobody would ever say that it is over.
            if (_rules.FirstOrDefault(rule => rule.Name == place.Rule && TopicGlob.Matches(rule.Topics, place.Topic)) is { } rule)
                Follow(rule, place, raised, 0);
            else
                Over(place, raised.Alert);
        }

        HasChanged |= changes.Count > 0;
        return changes;

        void Follow(AlertRule rule, (string, string, string?) place, RaisedAlert raised, double rate)
        {
            var followed = raised with { Alert = raised.Alert with { RatePerMinute = rate }, Below = rate < raised.Alert.Threshold * rule.ClearAt ? raised.Below ?? now : null };
            HasChanged |= followed.Below != raised.Below;
            _raised[place] = followed;
            if (followed.Below is { } since && now - since >= TimeSpan.FromMinutes(rule.ClearMinutes))
                Over(place, followed.Alert);
        }

        void Over((string, string, string?) place, Alert alert)
        {
            changes.Add(alert with { Status = "cleared", ClearedAt = now });
            _raised.Remove(place);
        }
    }

    private static IEnumerable<(string Topic, string? Fingerprint, long Five, long Hour)> Scopes(AlertRule rule, IReadOnlyList<LetterGroup> groups) =>
        groups.Where(group => TopicGlob.Matches(rule.Topics, group.DeadLetterTopic))
            .GroupBy(group => (group.DeadLetterTopic, Fingerprint: rule.Scope == "group" ? group.Fingerprint : null))
            .Select(scope => (scope.Key.DeadLetterTopic, scope.Key.Fingerprint, scope.Sum(group => group.LastFiveMinutes), scope.Sum(group => group.LastHour)));

    private static double? Threshold(AlertRule rule, double rate, double before)
    {
        if (rule.PerMinute is { } most && rate >= most)
            return most;
        return rule.Rise is { } rise && Math.Max(rule.Least, rise * before) is var risen && rate > 0 && rate >= risen ? risen : null;
    }
}

/// <summary>An alert that is not over.</summary>
/// <param name="Below">Since when its rate has been low enough to be over; null while it is not.</param>
internal sealed record RaisedAlert(Alert Alert, DateTimeOffset? Below);

/// <summary>A rise of dead letters.</summary>
/// <param name="Status"><c>raised</c> or <c>cleared</c>.</param>
/// <param name="Fingerprint">The cause, for rules of scope <c>group</c>.</param>
/// <param name="RatePerMinute">Now, over the last five minutes.</param>
/// <param name="Threshold">What raised it.</param>
/// <param name="Before">Rate of the 55 minutes before it was raised.</param>
public sealed record Alert(string Rule, string Status, string Scope, string Topic, string? Fingerprint, double RatePerMinute, double Threshold, double Before, DateTimeOffset RaisedAt, DateTimeOffset? ClearedAt)
{
    /// <summary>The same for an alert that is raised and cleared, and for one that is told twice because a crash came between.</summary>
    public string Id => string.Join('/', Rule, Topic, Fingerprint ?? "", RaisedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
}
