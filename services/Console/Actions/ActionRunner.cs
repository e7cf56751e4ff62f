using System.Text.Json;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Console.Auditing;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Security;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Console.Actions;

/// <summary>
/// Asks services for changes and remembers how it went: the newest hundred, a few at a time. Work goes on when the browser that
/// asked for it leaves; it ends with the console.
/// </summary>
internal sealed class ActionRunner(BackendClient client, BackendQueries queries, ConsoleAudit audit, ConsoleOptions options, AccessOptions access, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int MaxRunning = 4;
    private const int MaxKept = 100;

    private readonly LinkedList<ConsoleAction> _actions = new();
    private long _number;

    /// <summary>Whether anything may be changed from here.</summary>
    public bool IsAllowed => options.Actions ?? access.LoopbackOnly;

    public IReadOnlyList<ConsoleAction> Latest
    {
        get
        {
            lock (_actions)
                return [.. _actions];
        }
    }

    public ConsoleAction? Find(string id) => Latest.FirstOrDefault(action => action.Id == id);

    /// <summary>Begins; null where too much is under way.</summary>
    public ConsoleAction? Start(ActionOrder order)
    {
        ConsoleAction action;
        lock (_actions)
        {
            if (_actions.Count(item => item.EndedAt is null) >= MaxRunning)
                return null;
            action = new ConsoleAction((++_number).ToString(System.Globalization.CultureInfo.InvariantCulture), order, time.GetUtcNow());
            _actions.AddFirst(action);
            while (_actions.Count > MaxKept && _actions.Last!.Value.EndedAt is not null)
            {
                _actions.Last.Value.Dispose();
                _actions.RemoveLast();
            }
        }

        _ = Task.Run(() => RunAsync(action), CancellationToken.None);
        return action;
    }

    /// <summary>What a service says that a change would do.</summary>
    public Task<Fetched<T>> PreviewAsync<T>(Backend backend, string path, object body, CancellationToken cancellationToken)
        where T : class => client.SendAsync<T>(backend, HttpMethod.Post, path, body, "console", options.ActionTimeout, cancellationToken);

    private async Task RunAsync(ConsoleAction action)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(action.Stopping, lifetime.ApplicationStopping);
        try
        {
            using var answer = action.Order.IsAuditedHere ? await AuditedAsync(action.Order, stop.Token) : await SendAsync(action.Order, stop.Token);
            action.End(answer.RootElement.Clone(), null, cancelled: false, time.GetUtcNow());
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
        finally
        {
            queries.Forget(action.Order.Backend.Url);
        }
    }

    private async Task<JsonDocument> AuditedAsync(ActionOrder order, CancellationToken cancellationToken)
    {
        var before = order.BeforePath is { } path ? (await client.GetAsync<JsonDocument>(order.Backend, path, cancellationToken)).Value?.RootElement : null;
        return await audit.RecordAsync(order.Who, order.Kind, order.Subject, new { before, asked = order.Body }, () => SendAsync(order, cancellationToken), static answer => answer.RootElement, cancellationToken);
    }

    private async Task<JsonDocument> SendAsync(ActionOrder order, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync<JsonDocument>(order.Backend, order.Method, order.Path, order.Body, order.Who, Timeout.InfiniteTimeSpan, cancellationToken);
        return answer.Value ?? throw new RealTimeMeshException($"{order.Backend.Name}: {answer.Error}");
    }
}
