using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Starts one component whose references are resolved. Its faults are daprd's init errors.</summary>
internal sealed class ComponentStarter(SidecarSetup setup, ILoggerFactory logs)
{
    private const string Create = "CREATE_COMPONENT_FAILURE";
    private const string Init = "INIT_COMPONENT_FAILURE";

    // What the runtime itself reads of every component of a category.
    private static readonly HashSet<string> RuntimeSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        "publishingScopes", "subscriptionScopes", "allowedTopics", "protectedTopics", "consumerID",
        "keyPrefix", "actorStateStore", "primaryEncryptionKey", "secondaryEncryptionKey",
        "outboxPublishPubsub", "outboxPublishTopic", "outboxPubsub", "outboxDiscardWhenMissingState",
    };

    private readonly ILogger _logger = logs.CreateLogger<ComponentStarter>();
    private readonly ComponentTemplates _templates = new(setup.Options.AppId, setup.Options.Namespace, setup.Resources?.Environment("POD_NAME") ?? "", Guid.NewGuid);
    private readonly ComponentContext _context = new(setup.Options.AppId, setup.Resources?.DataPath ?? "", setup.Time) { Logs = logs };

    /// <summary>Throws a <see cref="ResourceException"/> where the component cannot be started within its time.</summary>
    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, CancellationToken cancellationToken)
    {
        var noun = ComponentCategories.NounOf(spec.Type) ?? throw new ResourceException($"incorrect type {spec.Type}");
        var type = setup.Resources!.Types.Find(spec.Type);
        if (type is null || spec.Version is not ("v1" or "V1" or ""))
            throw Fault(spec, Create, ComponentCategories.IsMiddleware(spec.Type) ? $"process component {spec.Name} error: {noun} {spec.Type}/{spec.Version} has not been registered" : $"couldn't find {noun} {spec.Type}/{spec.Version}", null);
        Check(spec, type);
        return await StartInTimeAsync(Fill(spec), type, cancellationToken);
    }

    private async Task<IAsyncDisposable> StartInTimeAsync(ComponentSpec spec, IComponentType type, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(spec.InitTimeout, setup.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var starting = BeginAsync(spec, type, linked.Token);
        try
        {
            return await starting.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = LetGoAsync(starting);
            throw;
        }
        catch (Exception exception)
        {
            if (!starting.IsCompleted)
                _ = LetGoAsync(starting);
            var text = timeout.IsCancellationRequested ? $"{exception.Message}\ninit timeout for component {spec.LogName}" : exception.Message;
            throw ComponentCategories.IsMiddleware(spec.Type)
                ? Fault(spec, Create, $"process component {spec.Name} error: error creating HTTP middleware {spec.Type}/{spec.Version}: {text}", exception)
                : Fault(spec, Init, text, exception);
        }
    }

    /// <summary>A type may refuse a spec before it starts anything.</summary>
    private async Task<IAsyncDisposable> BeginAsync(ComponentSpec spec, IComponentType type, CancellationToken cancellationToken) => await type.StartAsync(spec, _context, cancellationToken);

    /// <summary>A component that comes up after its time is over is not wanted any more.</summary>
    private async Task LetGoAsync(Task<IAsyncDisposable> starting)
    {
        try
        {
            await using var late = await starting;
        }
        catch (Exception exception)
        {
            Log.LateComponentFailed(_logger, exception.Message);
        }
    }

    /// <summary>Values of known settings must be right; settings that nobody knows are named and left.</summary>
    private void Check(ComponentSpec spec, IComponentType type)
    {
        foreach (var (name, value) in spec.Metadata)
        {
            var setting = type.Settings.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (setting?.Check?.Invoke(value) is { } expected)
                throw Fault(spec, Init, $"setting {setting.Name}: found '{value}'; expected {expected}", null);
            if (setting is null && !type.AcceptsUnknownSettings && !RuntimeSettings.Contains(name))
                Log.SettingUnknown(_logger, spec.LogName, name, spec.Type);
        }

        if (type.Settings.FirstOrDefault(setting => setting.Required && !spec.Metadata.ContainsKey(setting.Name)) is { } missing)
            throw Fault(spec, Init, $"setting {missing.Name}: found nothing; expected a value, as {spec.Type} needs it", null);
    }

    private ComponentSpec Fill(ComponentSpec spec)
    {
        try
        {
            return _templates.Fill(spec);
        }
        catch (RealTimeMeshException exception)
        {
            throw Fault(spec, Init, exception.Message, exception);
        }
    }

    private static ResourceException Fault(ComponentSpec spec, string kind, string text, Exception? cause) =>
        new($"[{kind}]: initialization error occurred for {spec.LogName}: {text}", cause);
}
