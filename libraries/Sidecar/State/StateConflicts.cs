using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.State;

/// <summary>What Dapr says of writes that a store refused for their ETag.</summary>
internal static class StateConflicts
{
    public static string Text(StateWrite write) => Text(write.Outcome == StateWriteOutcome.ETagInvalid, write.Detail);

    /// <summary>Null where all were applied. One conflict is told as it is, several together.</summary>
    public static StateConflict? Of(IReadOnlyList<StateWrite> outcomes)
    {
        var refused = outcomes.Where(outcome => outcome.Outcome != StateWriteOutcome.Applied).ToArray();
        if (refused.Length == 0)
            return null;
        var isInvalid = refused.Any(outcome => outcome.Outcome == StateWriteOutcome.ETagInvalid);
        return new StateConflict(isInvalid, outcomes.Count == 1 ? Text(refused[0]) : Text(isInvalid, string.Join('\n', refused.Select(Text))));
    }

    private static string Text(bool isInvalid, string? detail)
    {
        var text = isInvalid ? "invalid etag value" : "possible etag mismatch. error from state store";
        return string.IsNullOrEmpty(detail) ? text : $"{text}: {detail}";
    }
}

/// <summary>A refusal of one or more writes.</summary>
/// <param name="IsInvalid">An ETag was none of the store's; else it was another version's.</param>
internal sealed record StateConflict(bool IsInvalid, string Text);
