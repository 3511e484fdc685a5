import type { UserView } from '@commissary/contracts';
import type { UserDocument } from '@commissary/store';

export const userView = (user: UserDocument): UserView => ({
  id: user._id,
  email: user.email,
  displayName: user.displayName,
  type: user.type,
  source: user.source,
  state: user.state,
  department: user.department,
  usageLocation: user.usageLocation,
  roles: user.roles,
});
