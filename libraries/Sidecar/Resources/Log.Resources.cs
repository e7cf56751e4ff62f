using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>Resources and components, in daprd's words where it has any.</summary>
internal static partial class Log
{
    [LoggerMessage(420, LogLevel.Warning, "{Warning}")]
    public static partial void ResourceLeftOut(ILogger logger, string warning);

    [LoggerMessage(421, LogLevel.Information, "Loading components…")]
    public static partial void ComponentsLoading(ILogger logger);

    [LoggerMessage(422, LogLevel.Information, "All outstanding components processed")]
    public static partial void ComponentsProcessed(ILogger logger);

    [LoggerMessage(423, LogLevel.Debug, "Loading component: {Component}")]
    public static partial void ComponentLoading(ILogger logger, string component);

    [LoggerMessage(424, LogLevel.Information, "Component loaded: {Component}")]
    public static partial void ComponentLoaded(ILogger logger, string component);

    [LoggerMessage(425, LogLevel.Error, "Failed to init component {Component}: {Fault}")]
    public static partial void ComponentInitFailed(ILogger logger, string component, string fault);

    [LoggerMessage(426, LogLevel.Warning, "Error processing component, daprd will exit gracefully: {Fault}")]
    public static partial void ComponentFatal(ILogger logger, string fault);

    [LoggerMessage(427, LogLevel.Error, "Ignoring error processing component: {Fault}")]
    public static partial void ComponentErrorIgnored(ILogger logger, string fault);

    [LoggerMessage(428, LogLevel.Warning, "component {Component}: setting {Setting} is not one of {Type} and is ignored")]
    public static partial void SettingUnknown(ILogger logger, string component, string setting, string type);

    [LoggerMessage(429, LogLevel.Warning, "a component that did not start in time failed after all: {Fault}")]
    public static partial void LateComponentFailed(ILogger logger, string fault);

    [LoggerMessage(430, LogLevel.Information, "Shutting down component {Component}")]
    public static partial void ComponentStopping(ILogger logger, string component);

    [LoggerMessage(431, LogLevel.Error, "error closing component {Component}")]
    public static partial void ComponentStopFailed(ILogger logger, Exception exception, string component);

    [LoggerMessage(432, LogLevel.Information, "Loading Declarative Subscriptions…")]
    public static partial void SubscriptionsLoading(ILogger logger);

    [LoggerMessage(433, LogLevel.Information, "Found Subscription: {Name}")]
    public static partial void SubscriptionFound(ILogger logger, string name);

    [LoggerMessage(434, LogLevel.Warning, "Secrets configuration added for '{Store}', but no matching secret store was found")]
    public static partial void SecretScopeWithoutStore(ILogger logger, string store);

    [LoggerMessage(440, LogLevel.Information, "Hot reloading enabled. Daprd will reload 'Component', 'Subscription', 'Configuration', 'HTTPEndpoint' and 'Resiliency' resources when they are added, updated or deleted.")]
    public static partial void HotReloadOn(ILogger logger);

    [LoggerMessage(441, LogLevel.Debug, "Hot reloading disabled")]
    public static partial void HotReloadOff(ILogger logger);

    [LoggerMessage(442, LogLevel.Information, "Watching directories: [{Folders}]")]
    public static partial void WatchingFolders(ILogger logger, string folders);

    [LoggerMessage(443, LogLevel.Warning, "watching the resource folders failed: {Fault}; all files are read again")]
    public static partial void WatcherFailed(ILogger logger, string fault);

    [LoggerMessage(444, LogLevel.Debug, "Running scheduled reconcile")]
    public static partial void Reconciling(ILogger logger);

    [LoggerMessage(445, LogLevel.Error, "changes of the resource files are not followed any more")]
    public static partial void WatchingFailed(ILogger logger, Exception exception);

    [LoggerMessage(446, LogLevel.Information, "Component deleted, closing: {Component}")]
    public static partial void ComponentDeleted(ILogger logger, string component);

    [LoggerMessage(447, LogLevel.Information, "Closing existing Component to reload: {Component}")]
    public static partial void ComponentClosing(ILogger logger, string component);

    [LoggerMessage(448, LogLevel.Information, "Adding Component for processing: {Component}")]
    public static partial void ComponentAdding(ILogger logger, string component);

    [LoggerMessage(449, LogLevel.Information, "Component updated: {Component}")]
    public static partial void ComponentUpdated(ILogger logger, string component);

    [LoggerMessage(450, LogLevel.Information, "Received {Kind} {Change} event: {Name} - triggering SIGHUP reload")]
    public static partial void RestartRequested(ILogger logger, string kind, string change, string name);
}
