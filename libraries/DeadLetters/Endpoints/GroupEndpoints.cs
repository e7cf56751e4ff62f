using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Showing;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Letters by cause.</summary>
internal static class GroupEndpoints
{
    private const int Examples = 3;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/groups", ListAsync);

    /// <summary>Without a state, groups count by all their letters; with one, by those in it, and groups without any are left out.</summary>
    private static async Task<Page<GroupSummary>> ListAsync(HttpContext context, string? sort, string? search, string? after, int? limit, IDeadLetterStore store, Desk desk, CancellationToken cancellationToken)
    {
        var filter = FilterReader.Read(context.Request.Query, "sort", "search", "after", "limit");
        if (!(filter with { States = [] }).IsOfGroups)
            throw Refuse.Invalid("filter", "a filter of single letters", "class, rule, field, topic, deadLetterTopic, consumer, fingerprint, state", "list letters instead");
        var count = FilterReader.Limit(limit);
        var start = after is null ? 0 : int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : throw Refuse.Invalid("after", $"'{after}'", "the next of an earlier answer");
        var shower = desk.Shower();
        var groups = (await store.GroupsAsync(cancellationToken))
            .Where(group => filter.Admits(group) && Size(group, filter) > 0 && (string.IsNullOrEmpty(search) || Matches(group, search)));
        var sorted = (sort switch
        {
            null or "count" => groups.OrderByDescending(group => Size(group, filter)),
            "last" => groups.OrderByDescending(group => group.LastSeen),
            "first" => groups.OrderBy(group => group.FirstSeen),
            "rate" => groups.OrderByDescending(group => group.LastFiveMinutes).ThenByDescending(group => group.LastHour),
            _ => throw Refuse.Invalid("sort", $"'{sort}'", "count, last, first or rate"),
        }).ThenBy(group => group.Number).ToArray();
        LetterGroup[] shown = [.. sorted.Skip(start).Take(count)];
        var examples = await store.NewestAsync([.. shown.Select(group => group.Number)], filter.States, Examples, cancellationToken);
        return new Page<GroupSummary>(
            [.. shown.Select(group => shower.Group(group, [.. (examples.GetValueOrDefault(group.Number) ?? []).Select(place => place.ToString())]))],
            start + count < sorted.Length ? (start + count).ToString(CultureInfo.InvariantCulture) : null, sorted.Length);
    }

    private static long Size(LetterGroup group, LetterFilter filter) => filter.States.Count == 0 ? group.Counts.Total : filter.States.Distinct().Sum(state => group.Counts.Of(state));

    private static bool Matches(LetterGroup group, string search) =>
        ((string?[])[group.Fingerprint, group.DeadLetterTopic, group.Topic, group.Consumer, group.Class, group.Rule, group.Field, group.Expected, group.Message]).Any(text => text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);
}
