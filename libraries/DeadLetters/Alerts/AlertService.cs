using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>Looks at the rates again and again and tells what was raised and cleared: to the log, the metrics, a list and webhooks.</summary>
internal sealed class AlertService(IDeadLetterStore store, DeadLettersSetup setup, LetterMetrics metrics, ILogger<AlertService> logger) : BackgroundService
{
    private const int MostRecent = 100;
    private const int Attempts = 3;

    private readonly AlertJudge _judge = new(setup.Options.Alerts.Rules);
    private readonly Channel<Alert> _toTell = Channel.CreateBounded<Alert>(new BoundedChannelOptions(MostRecent) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Lock _lock = new();
    private readonly LinkedList<Alert> _recent = new();
    private IReadOnlyList<Alert> _active = [];

    /// <summary>Alerts that are raised, and the newest ones that are over.</summary>
    public (IReadOnlyList<Alert> Active, IReadOnlyList<Alert> Recent) Alerts
    {
        get
        {
            lock (_lock)
                return (_active, [.. _recent]);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var telling = TellAsync(stoppingToken);
        using var timer = new PeriodicTimer(setup.Options.Alerts.Every, setup.Time);
        try
        {
            do
                await LookAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }

        await telling;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<LetterGroup> groups;
        try
        {
            groups = await store.GroupsAsync(cancellationToken);
        }
        catch (RealTimeMeshException exception)
        {
            Log.AlertsNotJudged(logger, exception.Message);
            return;
        }

        var changes = _judge.Judge(groups, setup.Time.GetUtcNow());
        lock (_lock)
        {
            _active = _judge.Active;
            foreach (var cleared in changes.Where(alert => alert.Status == "cleared"))
            {
                _recent.AddFirst(cleared);
                if (_recent.Count > MostRecent)
                    _recent.RemoveLast();
            }
        }

        metrics.Stand(groups.Sum(group => group.Counts.Open), _active.Count);
        foreach (var alert in changes)
        {
            var scope = alert.Fingerprint is null ? alert.Topic : $"{alert.Topic} {alert.Fingerprint}";
            if (alert.Status == "raised")
                Log.AlertRaised(logger, alert.Rule, scope, alert.RatePerMinute, alert.Threshold);
            else
                Log.AlertCleared(logger, alert.Rule, scope, alert.RatePerMinute);
            await _toTell.Writer.WriteAsync(alert, cancellationToken);
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = setup.Options.Alerts.WebhookTimeout };
        try
        {
            await foreach (var alert in _toTell.Reader.ReadAllAsync(cancellationToken))
            {
                foreach (var url in setup.Options.Alerts.Webhooks)
                    await TellAsync(http, url, alert, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task TellAsync(HttpClient http, Uri url, Alert alert, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string error;
            try
            {
                using var response = await http.PostAsJsonAsync(url, alert, JsonSerializerOptions.Web, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
                error = $"HTTP {(int)response.StatusCode}";
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                error = exception.Message;
            }

            if (attempt == Attempts)
            {
                Log.WebhookFailed(logger, url, attempt, error);
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), setup.Time, cancellationToken);
        }
    }
}
