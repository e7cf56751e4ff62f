using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>
/// Looks at the rates again and again and tells what was raised and cleared: to the log, the metrics, a list and webhooks. What it
/// knows is kept with the letters before anybody is told, so that a restart goes on where the process ended.
/// </summary>
internal sealed class AlertService(IDeadLetterStore store, DeadLettersSetup setup, LetterMetrics metrics, ILogger<AlertService> logger) : BackgroundService
{
    private const int MostRecent = 100;

    /// <summary>Alerts that wait for a webhook; the oldest are given up beyond these.</summary>
    private const int MostUntold = 1_000;

    private readonly AlertWebhooks _webhooks = new(setup.Options.Alerts, setup.Time, logger);
    private readonly Channel<bool> _somethingToTell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _saving = new(1, 1);
    private readonly Lock _lock = new();
    private readonly LinkedList<Alert> _recent = new();
    private readonly LinkedList<Alert> _untold = new();

    /// <summary>Those to tell that are not kept yet: told before, they would be raised again after a crash.</summary>
    private readonly List<Alert> _fresh = [];
    private IReadOnlyList<RaisedAlert> _raised = [];
    private bool _isUnsaved;

    /// <summary>Alerts that are raised, and the newest ones that are over.</summary>
    public (IReadOnlyList<Alert> Active, IReadOnlyList<Alert> Recent) Alerts
    {
        get
        {
            lock (_lock)
                return ([.. _raised.Select(raised => raised.Alert)], [.. _recent]);
        }
    }

    public override void Dispose()
    {
        _webhooks.Dispose();
        _saving.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(setup.Options.Alerts.Every, setup.Time);
        var telling = Task.CompletedTask;
        try
        {
            AlertJudge? judge = null;
            do
            {
                try
                {
                    if (judge is null)
                    {
                        judge = await LoadAsync(stoppingToken);
                        telling = TellAsync(stoppingToken);
                    }

                    await LookAsync(judge, stoppingToken);
                }
                catch (RealTimeMeshException exception)
                {
                    Log.AlertsNotJudged(logger, exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }

        await telling;
    }

    private async Task<AlertJudge> LoadAsync(CancellationToken cancellationToken)
    {
        var state = AlertState.Read(null);
        try
        {
            state = AlertState.Read(await store.FindNoteAsync(AlertState.Note, cancellationToken));
        }
        catch (JsonException exception)
        {
            // Better an alert twice than none any more.
            Log.AlertsNotJudged(logger, $"what is kept of alerts cannot be read ({exception.Message}); beginning anew");
        }

        lock (_lock)
        {
            _raised = state.Raised;
            foreach (var alert in state.Recent)
                _recent.AddLast(alert);
            foreach (var alert in state.Untold)
                _untold.AddLast(alert);
        }

        _somethingToTell.Writer.TryWrite(true);
        return new AlertJudge(setup.Options.Alerts.Rules, state.Raised);
    }

    private async Task LookAsync(AlertJudge judge, CancellationToken cancellationToken)
    {
        var groups = await store.GroupsAsync(cancellationToken);
        var changes = judge.Judge(groups, setup.Time.GetUtcNow());
        lock (_lock)
        {
            _raised = judge.Raised;
            foreach (var alert in changes)
                Remember(alert);
        }

        metrics.Stand(groups.Sum(group => group.Counts.Open), judge.Raised.Count);
        foreach (var alert in changes)
        {
            var scope = alert.Fingerprint is null ? alert.Topic : $"{alert.Topic} {alert.Fingerprint}";
            if (alert.Status == "raised")
                Log.AlertRaised(logger, alert.Rule, scope, alert.RatePerMinute, alert.Threshold);
            else
                Log.AlertCleared(logger, alert.Rule, scope, alert.RatePerMinute);
        }

        _isUnsaved |= judge.HasChanged;
        if (!_isUnsaved)
            return;
        await SaveAsync(cancellationToken);
        _isUnsaved = false;
        Kept();
        _somethingToTell.Writer.TryWrite(true);
    }

    private void Remember(Alert alert)
    {
        if (alert.Status == "cleared")
        {
            _recent.AddFirst(alert);
            if (_recent.Count > MostRecent)
                _recent.RemoveLast();
        }

        if (_webhooks.IsEmpty)
            return;
        _fresh.Add(alert);
    }

    private void Kept()
    {
        lock (_lock)
        {
            foreach (var alert in _fresh)
                _untold.AddLast(alert);
            _fresh.Clear();
            while (_untold.Count > MostUntold)
                _untold.RemoveFirst();
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken);
        try
        {
            AlertState state;
            lock (_lock)
                state = new AlertState(_raised, [.. _recent], [.. _untold, .. _fresh]);
            await store.SaveNoteAsync(AlertState.Note, state.Write(), cancellationToken);
        }
        finally
        {
            _saving.Release();
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _somethingToTell.Reader.WaitToReadAsync(cancellationToken))
            {
                _somethingToTell.Reader.TryRead(out _);
                while (FirstUntold() is { } alert)
                {
                    await _webhooks.TellAsync(alert, cancellationToken);
                    await ToldAsync(alert);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end: what is untold is told by the next process.
        }
    }

    private Alert? FirstUntold()
    {
        lock (_lock)
            return _webhooks.IsEmpty ? null : _untold.First?.Value;
    }

    private async Task ToldAsync(Alert alert)
    {
        lock (_lock)
            _untold.Remove(alert);
        try
        {
            // Told is told: noted even where the process is ending.
            await SaveAsync(CancellationToken.None);
        }
        catch (RealTimeMeshException exception)
        {
            // It is told: should the process end now, it is told once more, under the same id.
            Log.AlertsNotJudged(logger, exception.Message);
        }
    }
}
