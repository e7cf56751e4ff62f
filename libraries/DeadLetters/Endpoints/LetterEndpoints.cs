using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.DeadLetters.Showing;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Letters, in pages and one by one.</summary>
internal static class LetterEndpoints
{
    /// <summary>A page never takes longer to look for: it comes short then, and says where to go on.</summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromMilliseconds(700);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/letters", ListAsync);
        api.MapGet("/letters/{id}", ShowAsync);
        api.MapGet("/letters/{id}/original", OriginalAsync);
    }

    private static async Task<LetterList> ListAsync(HttpContext context, string? sort, string? after, int? limit, IDeadLetterStore store, Desk desk, CancellationToken cancellationToken)
    {
        var filter = FilterReader.Read(context.Request.Query, "sort", "after", "limit");
        var query = new LetterQuery
        {
            Filter = filter,
            Ascending = sort switch { null or "newest" => false, "oldest" => true, _ => throw Refuse.Invalid("sort", $"'{sort}'", "newest or oldest") },
            After = after is null ? null : LetterCursor.Parse(after) ?? throw Refuse.Invalid("after", $"'{after}'", "the next of an earlier answer"),
            Limit = FilterReader.Limit(limit),
            Admits = desk.Admits(filter),
            MaxTime = PageTime,
        };
        var page = await store.FindAsync(query, cancellationToken);
        var shower = desk.Shower();
        var items = new List<LetterSummary>();
        foreach (var letter in page.Letters)
            items.Add(await shower.SummaryAsync(letter, cancellationToken));
        long? total = filter.IsOfGroups ? await store.CountAsync(query, cancellationToken) : null;
        return new LetterList(items, page.Next?.ToString(), total, page.Scanned);
    }

    private static async Task<LetterDetail> ShowAsync(string id, bool? unmask, IDeadLetterStore store, Desk desk, CancellationToken cancellationToken)
    {
        var letter = await desk.FindAsync(id, cancellationToken);
        return await (unmask == true ? desk.Unmasked() : desk.Shower()).DetailAsync(
            letter, await store.EditsAsync(letter.Number, cancellationToken), await store.HistoryAsync(letter.Number, cancellationToken), desk.Checks(), cancellationToken);
    }

    /// <summary>The message's bytes as they are stored, which may hold personal fields.</summary>
    private static async Task<IResult> OriginalAsync(string id, Desk desk, CancellationToken cancellationToken)
    {
        var letter = await desk.FindAsync(id, cancellationToken);
        if (desk.Streams.Personal(letter.Content.Origin.Topic) is { IsEmpty: false })
            desk.Unmasked();
        return Results.Bytes(letter.Content.Original, "application/octet-stream");
    }

    /// <param name="Next">What to ask for as <c>after</c> for what follows; null at the end. A page may be empty before the end.</param>
    /// <param name="Total">Letters in all; null where only looking at each would tell.</param>
    /// <param name="Scanned">Letters that were looked at for this page.</param>
    internal sealed record LetterList(IReadOnlyList<LetterSummary> Items, string? Next, long? Total, long Scanned);
}
