using RealTimeMesh.SidecarHost.Running;

return await SidecarProcess.RunAsync(args);
