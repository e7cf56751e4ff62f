using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Security;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Console.Actions;

/// <summary>
/// Asks the lakehouse to change tables and remembers how it went: the newest hundred, a few at a time. Work goes on when the browser that
/// asked for it leaves; it ends with the console.
/// </summary>
internal sealed class ActionRunner(BackendClient client, MeshSettings settings, ConsoleOptions options, AccessOptions access, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int MaxRunning = 4;
    private const int MaxKept = 100;
    private const string UserHeader = "x-mesh-user";

    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);

    private readonly LinkedList<TableAction> _actions = new();
    private long _number;
    private LogPage? _log;

    /// <summary>Whether anything may be changed from here.</summary>
    public bool IsAllowed => options.Actions ?? access.LoopbackOnly;

    public IReadOnlyList<TableAction> Latest
    {
        get
        {
            lock (_actions)
                return [.. _actions];
        }
    }

    public TableAction? Find(string id) => Latest.FirstOrDefault(action => action.Id == id);

    /// <summary>Begins; null where too much is under way.</summary>
    public TableAction? Start(string kind, string pipeline, string table, object body, string who)
    {
        TableAction action;
        lock (_actions)
        {
            if (_actions.Count(item => item.EndedAt is null) >= MaxRunning)
                return null;
            action = new TableAction((++_number).ToString(System.Globalization.CultureInfo.InvariantCulture), kind, pipeline, table, who, time.GetUtcNow());
            _actions.AddFirst(action);
            while (_actions.Count > MaxKept && _actions.Last!.Value.EndedAt is not null)
            {
                _actions.Last.Value.Dispose();
                _actions.RemoveLast();
            }
        }

        _ = Task.Run(() => RunAsync(action, body), CancellationToken.None);
        return action;
    }

    /// <summary>What the lakehouse says that it would do.</summary>
    public Task<Fetched<T>> PreviewAsync<T>(string kind, string pipeline, string table, object body, CancellationToken cancellationToken)
        where T : class
    {
        var path = PathOf(kind, pipeline, table);
        return client.SendAsync<T>(() => Post(path, body, "console"), path, options.ActionTimeout, cancellationToken);
    }

    /// <summary>A page of the audit log, which only those may read who may change tables.</summary>
    public Task<Fetched<AuditLogReply>> AuditLogAsync(long? before)
    {
        var path = $"/v1/audit-log?limit=25{(before is null ? "" : $"&before={before}")}";
        lock (_actions)
        {
            // However many browsers show the page, the log is read once in a while.
            if (_log is null || _log.Path != path || (_log.Answer.IsCompleted && time.GetUtcNow() - _log.At > s_age))
                _log = new LogPage(path, time.GetUtcNow(), client.SendAsync<AuditLogReply>(() => Signed(new HttpRequestMessage(HttpMethod.Get, new Uri(settings.LakehouseUrl, path)), "console"), path, options.Timeout, CancellationToken.None));
            return _log.Answer;
        }
    }

    private async Task RunAsync(TableAction action, object body)
    {
        var path = PathOf(action.Kind, action.Pipeline, action.Table);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(action.Stopping, lifetime.ApplicationStopping);
        try
        {
            var answer = await client.SendAsync<JsonDocument>(() => Post(path, body, action.Who), path, Timeout.InfiniteTimeSpan, stop.Token);
            action.End(answer.Value?.RootElement.Clone(), answer.Error, cancelled: false, time.GetUtcNow());
            answer.Value?.Dispose();
        }
        catch (OperationCanceledException)
        {
            action.End(null, null, cancelled: true, time.GetUtcNow());
        }
        catch (Exception exception)
        {
            // Nobody awaits this: what went wrong is told where the action is looked at.
            action.End(null, exception.Message, cancelled: false, time.GetUtcNow());
        }
    }

    private HttpRequestMessage Post(string path, object body, string who) =>
        Signed(new HttpRequestMessage(HttpMethod.Post, new Uri(settings.LakehouseUrl, path)) { Content = JsonContent.Create(body, body.GetType()) }, who);

    private HttpRequestMessage Signed(HttpRequestMessage request, string who)
    {
        if (options.AdminToken is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation(UserHeader, new string([.. who.Where(c => c is >= ' ' and < '\u007f')]));
        return request;
    }

    private static string PathOf(string kind, string pipeline, string table) => $"/v1/tables/{Uri.EscapeDataString(pipeline)}/{Uri.EscapeDataString(table)}/{kind}";

    private sealed record LogPage(string Path, DateTimeOffset At, Task<Fetched<AuditLogReply>> Answer);
}
