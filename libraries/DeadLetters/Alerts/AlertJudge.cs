using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>
/// Raises and clears alerts by the rates of groups. An alert is raised once and stays until its rate has been well below what raised
/// it for a while: a rate that swings around a threshold is told once. Not thread-safe.
/// </summary>
internal sealed class AlertJudge(IReadOnlyList<AlertRule> rules)
{
    private readonly Dictionary<(string Rule, string Topic, string? Fingerprint), Raised> _raised = [];

    public IReadOnlyList<Alert> Active => [.. _raised.Values.Select(raised => raised.Alert)];

    /// <summary>Looks at the rates; returns what was raised or cleared by it.</summary>
    public IReadOnlyList<Alert> Judge(IReadOnlyList<LetterGroup> groups, DateTimeOffset now)
    {
        var changes = new List<Alert>();
        foreach (var rule in rules)
        {
            foreach (var (topic, fingerprint, five, hour) in Scopes(rule, groups))
            {
                var place = (rule.Name, topic, fingerprint);
                var (rate, before) = (five / 5.0, Math.Max(0, hour - five) / 55.0);
                if (_raised.TryGetValue(place, out var raised))
                {
                    if (Clear(rule, raised, rate, now) is { } cleared)
                    {
                        changes.Add(cleared);
                        _raised.Remove(place);
                    }
                }
                else if (Threshold(rule, rate, before) is { } threshold)
                {
                    var alert = new Alert(rule.Name, "raised", rule.Scope, topic, fingerprint, rate, threshold, before, now, null);
                    _raised[place] = new Raised(alert);
                    changes.Add(alert);
                }
            }

            // A topic or group whose letters are all gone has no rate any more.
            foreach (var (place, raised) in _raised.Where(pair => pair.Key.Rule == rule.Name && !groups.Any(group => group.DeadLetterTopic == pair.Key.Topic && (pair.Key.Fingerprint ?? group.Fingerprint) == group.Fingerprint)).ToArray())
            {
                if (Clear(rule, raised, 0, now) is not { } cleared)
                    continue;
                changes.Add(cleared);
                _raised.Remove(place);
            }
        }

        return changes;
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

    private static Alert? Clear(AlertRule rule, Raised raised, double rate, DateTimeOffset now)
    {
        raised.Alert = raised.Alert with { RatePerMinute = rate };
        if (rate >= raised.Alert.Threshold * rule.ClearAt)
        {
            raised.Below = null;
            return null;
        }

        raised.Below ??= now;
        return now - raised.Below >= TimeSpan.FromMinutes(rule.ClearMinutes) ? raised.Alert with { Status = "cleared", ClearedAt = now } : null;
    }

    private sealed class Raised(Alert alert)
    {
        public Alert Alert { get; set; } = alert;

        public DateTimeOffset? Below { get; set; }
    }
}

/// <summary>A rise of dead letters.</summary>
/// <param name="Status"><c>raised</c> or <c>cleared</c>.</param>
/// <param name="Fingerprint">The cause, for rules of scope <c>group</c>.</param>
/// <param name="RatePerMinute">Now, over the last five minutes.</param>
/// <param name="Threshold">What raised it.</param>
/// <param name="Before">Rate of the 55 minutes before it was raised.</param>
public sealed record Alert(string Rule, string Status, string Scope, string Topic, string? Fingerprint, double RatePerMinute, double Threshold, double Before, DateTimeOffset RaisedAt, DateTimeOffset? ClearedAt);
