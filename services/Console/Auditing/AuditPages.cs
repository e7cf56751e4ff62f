using System.Text.Json;
using RealTimeMesh.Console.Backends;

namespace RealTimeMesh.Console.Auditing;

/// <summary>A line of an audit log, whoever keeps it.</summary>
public sealed record AuditRow(long Number, DateTimeOffset At, string Who, string What, string Stage, string Thing, JsonElement? Asked, JsonElement? Before, JsonElement? After);

/// <param name="Next">The number before which the next page begins; null at the end.</param>
public sealed record AuditPageRows(IReadOnlyList<AuditRow> Rows, long? Next, string? Error);

/// <summary>The audit logs of the mesh, newest first, a page at a time. However many browsers look, a log is read once in a while.</summary>
internal sealed class AuditPages(BackendQueries queries, BackendList backends, ConsoleAudit own)
{
    private const int PageSize = 25;
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);

    /// <param name="log"><c>tables</c>, <c>topics</c>, <c>letters</c> or <c>contracts</c>.</param>
    public async Task<AuditPageRows> ReadAsync(string log, long? before, CancellationToken cancellationToken) => log switch
    {
        "topics" => await AuditedAsync(backends.Topics, "the pub/sub component has no administration", before),
        "letters" => await AuditedAsync(backends.Letters, "dead letters are not collected", before),
        "contracts" => Page([.. (await own.ReadAsync(before ?? long.MaxValue, PageSize, cancellationToken)).Select(entry => new AuditRow(entry.Number, entry.At, entry.Who, entry.What, entry.Stage, entry.Thing, null, entry.Before, entry.After))]),
        _ => await TablesAsync(before),
    };

    private async Task<AuditPageRows> AuditedAsync(Backend? backend, string none, long? before)
    {
        if (backend is null)
            return new AuditPageRows([], null, none);
        var answer = await queries.GetAsync<IReadOnlyList<TopicAuditReply>>(backend, $"/v1/audit?limit={PageSize}{Before(before)}", s_age);
        return answer.Value is { } entries
            ? Page([.. entries.Select(entry => new AuditRow(entry.Number, entry.At, entry.Who, entry.What, entry.Stage, entry.Thing, null, entry.Before, entry.After))])
            : new AuditPageRows([], null, $"{backend.Name}: {answer.Error}");
    }

    private async Task<AuditPageRows> TablesAsync(long? before)
    {
        var answer = await queries.GetAsync<AuditLogReply>(backends.Lakehouse, $"/v1/audit-log?limit={PageSize}{Before(before)}", s_age);
        return answer.Value is { } log
            ? new AuditPageRows([.. log.Entries.Select(entry => new AuditRow(entry.Number, entry.At, entry.Who, entry.What, entry.Stage, entry.Table, entry.Request, entry.Before, entry.After))], log.Next, null)
            : new AuditPageRows([], null, $"{backends.Lakehouse.Name}: {answer.Error}");
    }

    private static AuditPageRows Page(IReadOnlyList<AuditRow> rows) => new(rows, rows.Count == PageSize && rows[^1].Number > 1 ? rows[^1].Number : null, null);

    private static string Before(long? before) => before is null ? "" : $"&before={before}";
}
